"""How many times its measured noise a refactoring moves a result: what SAFETY must cover.

``refactorings/before.py`` and ``after.py`` have the same layers in other orders of operations and
other formulas. For each layer the largest difference of all elements, arrays, cases and seeds is
printed in units of the measured noise (:mod:`gradcheck.baseline.noise`); run by
``python benchmarks/baseline_rounding.py [SEEDS] [EXAMPLES]``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from gradcheck.baseline import differences
from gradcheck.baseline.noise import SAFETY
from gradcheck.baseline.snapshot import compare_module, snapshot_module

FOLDER = Path(__file__).parent / "refactorings"


def main() -> None:
    """Print a line for each layer, and the largest of all."""
    seeds, examples = (int(one) for one in [*sys.argv[1:], "5", "60"][:2])
    worst: dict[str, float] = {}
    arrays = 0
    differences.SAFETY = 1.0
    for seed in range(seeds):
        baseline = snapshot_module(FOLDER / "before.py", seed=seed, examples=examples)
        arrays += sum(
            len(case.outputs) + len(case.gradients)
            for layer in baseline.layers
            for case in layer.cases
        )
        for one in compare_module(baseline, FOLDER / "after.py").layers:
            worst[one.symbol] = max(worst.get(one.symbol, 0.0), one.ratio)
    for symbol, ratio in sorted(worst.items(), key=lambda pair: -pair[1]):
        print(f"{symbol:<18} {ratio:8.2f}")
    print(f"largest {max(worst.values()):.2f} of {arrays} arrays; SAFETY is {SAFETY:g}")


if __name__ == "__main__":
    main()
