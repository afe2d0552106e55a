"""The figures of the numerical engine, each table with its population, beside its peers.

    python benchmarks/numerics.py [--only TABLE ...] [--checks N] [--seed S] [--full]
    python benchmarks/numerics.py --repeat LAYER ARRAY SCALE DTYPE SEED [KIND [MODE]]

TABLE is one of false-alarms, degenerate, sensitivity, cost, coverage, location, peers. The
defaults take about ten minutes on one core; --full takes hours and is what the documentation
quotes. Everything but times is the same for the same seed. The layers, with the proof that their
backward passes are right, are in ``population.py``. The exit code is 1 if a correct gradient was
accused.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# Before NumPy is loaded: one thread, so that times of small products do not depend on the machine.
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np

# benchmarks/ is not installed: it is found beside this file.
sys.path.insert(0, str(Path(__file__).parent.parent))
from benchmarks.alarms import degenerate, false_alarms
from benchmarks.cost import cost
from benchmarks.coverage import coverage
from benchmarks.instance import repeat
from benchmarks.location import location
from benchmarks.peers import peers
from benchmarks.sensitivity import sensitivity


@dataclass(frozen=True, slots=True)
class Size:
    """How many instances each table takes."""

    checks: int
    degenerate: int
    sensitivity: int
    million: int
    rounds: int
    evaluations: int
    coverage: int
    trials: int
    peers: int


SHORT = Size(30_000, 10_000, 4, 2, 9, 2_000, 8_000, 2, 8)
FULL = Size(210_000, 100_000, 40, 10, 31, 20_000, 100_000, 20, 80)


def tables(size: Size, seed: int) -> dict[str, Callable[[], int | None]]:
    """Return the tables by name; an answer is the number of accused correct gradients."""
    return {
        "false-alarms": lambda: false_alarms(size.checks, seed),
        "degenerate": lambda: degenerate(size.degenerate, seed),
        "sensitivity": lambda: sensitivity(size.sensitivity, seed, size.million),
        "peers": lambda: peers(size.peers, seed),
        "cost": lambda: cost(size.evaluations, seed, size.rounds),
        "coverage": lambda: coverage(size.coverage, seed),
        "location": lambda: location(size.trials, seed),
    }


def main() -> int:
    """Print the chosen tables."""
    given = _arguments()
    if given.repeat:
        name, array, scale, dtype, seed, *kind = given.repeat
        print(repeat(name, array, float(scale), dtype, int(seed), *kind))
        return 0
    size = FULL if given.full else SHORT
    if given.checks:
        size = Size(given.checks, given.checks, *list(_fields(size))[2:])
    everything = tables(size, given.seed)
    print(f"NumPy {np.__version__}, Python {sys.version.split()[0]}, seed {given.seed}")
    accused = 0
    for name in given.only or everything:
        start = time.perf_counter()
        accused += everything[name]() or 0
        print(f"\n({name}: {time.perf_counter() - start:.0f} s)", flush=True)
    return 1 if accused else 0


def _fields(size: Size) -> tuple[int, ...]:
    return tuple(getattr(size, name) for name in Size.__slots__)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    names = list(tables(SHORT, 0))
    parser.add_argument("--only", nargs="+", choices=names, metavar="TABLE", help=", ".join(names))
    parser.add_argument("--checks", type=int, help="float64 checks of the false-alarm tables")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--repeat", nargs="+", metavar="FIELD", help="one check of those tables")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
