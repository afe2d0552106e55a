"""How often is a correct layer accused? Every reference layer, many cases, many seeds.

    python benchmarks/false_alarms.py [--seeds 20] [--examples 200] [--first-seed 1000]

Prints the population, the number of gradients compared, the findings, and the 95 % upper bound of
the rate of false alarms (3 / count, where none was seen). Constants of the differentiator were
tuned on other seeds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from gradcheck import Report, check_layer
from gradcheck.kinds import catalogue

# benchmarks/ is not installed: it is found beside this file.
sys.path.insert(0, str(Path(__file__).parent.parent))
from benchmarks.composites import check_sequential, check_two_layer_net


def main() -> int:
    """Run the population and print the table; exit code 1 if anybody was accused."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--first-seed", type=int, default=1000)
    given = parser.parse_args()
    print(f"{'layer':<18}{'cases':>8}{'checks':>9}{'alarms':>8}{'unclear':>9}{'seconds':>9}")
    cases = checks = alarms = 0
    rows = {kind.name: partial(_drawn, kind.reference) for kind in catalogue()}
    rows |= {"sequential": partial(_network, check_sequential)}
    rows |= {"two-layer-net": partial(_network, check_two_layer_net)}
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    for name, reports in rows.items():
        row = _row([one for seed in seeds for one in reports(seed, given.examples)])
        cases, checks, alarms = cases + row[0], checks + row[1], alarms + row[2]
        print(f"{name:<18}{row[0]:>8}{row[1]:>9}{row[2]:>8}{row[3]:>9}{row[4]:>9.1f}")
    bound = 3 / checks if not alarms else float("nan")
    print(f"{'all':<18}{cases:>8}{checks:>9}{alarms:>8}   95 % bound of the rate {bound:.1e}")
    return 1 if alarms else 0


def _drawn(layer: object, seed: int, examples: int) -> list[Report]:
    return [check_layer(layer, seed=seed, examples=examples)]


def _network(check: Callable[..., Report], seed: int, examples: int) -> list[Report]:
    sizes = np.random.default_rng(seed).integers(1, 6, (examples, 4))
    return [
        check(n, d, h, m + 1, seed * examples + number)
        for number, (n, d, h, m) in enumerate(sizes.tolist())
    ]


def _row(reports: Sequence[Report]) -> tuple[int, int, int, int, float]:
    subjects = [report.subjects[0] for report in reports]
    outcomes = [one for subject in subjects for one in subject.checks]
    for report in reports:
        for finding in report.findings:
            print(f"  seed {report.seed}: {finding.headline}")
    return (
        sum(one.cases for one in subjects),
        sum(one.cases for one in outcomes),
        sum(len(one.findings) for one in subjects),
        sum(one.verdict == "inconclusive" for one in outcomes),
        sum(one.seconds for one in subjects),
    )


if __name__ == "__main__":
    sys.exit(main())
