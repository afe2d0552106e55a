"""How small the smallest case of a fault is: elements, axes and digits, over the wrong layers.

    python benchmarks/shrinking.py [--every 1] [--seed 1] [--tries 64] [--seconds 2]

Every wrong layer of ``wrong_layers/`` (or one of each ``--every``) is checked with the defaults of
``check_layer``, and the case of each of its findings is measured: elements of all its arrays, its
largest axis, and the digits of its longest number. ``--tries 0`` leaves it as Hypothesis found
it; ``--seconds`` is ``shrink_seconds``, to be raised on a machine that does much else.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

# benchmarks/ is not installed: it is found beside this file.
sys.path.insert(0, str(Path(__file__).parent.parent))
from benchmarks.markdown import table
from benchmarks.records import Wrong
from benchmarks.wrong_layers import WRONG
from gradcheck import check_layer
from gradcheck.errors import GradcheckError
from gradcheck.findings import Finding, decimal


def main() -> None:
    """Print the table: median, 90 % and worst of each size."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tries", type=int)
    parser.add_argument("--seconds", type=float, default=2.0)
    given = parser.parse_args()
    start = time.perf_counter()
    chosen = WRONG[:: given.every]
    measured = []
    with contextlib.ExitStack() as stack:
        if given.tries is not None:
            stack.enter_context(mock.patch("gradcheck.simplifying.TRIES", given.tries))
        for one in chosen:
            measured += [
                (one.name, *sizes(found)) for found in findings(one, given.seed, given.seconds)
            ]
    seconds = time.perf_counter() - start
    print(f"{len(chosen)} wrong layers, {len(measured)} cases, {seconds:.0f} s")
    rows = []
    for at, title in enumerate(("elements of all arrays", "largest axis", "digits"), start=1):
        values = [one[at] for one in measured]
        worst = max(measured, key=lambda one: one[at])
        shares = [f"{np.quantile(values, share):g}" for share in (0.5, 0.9)]
        rows.append([title, *shares, f"{worst[at]} ({worst[0]})"])
    table("Smallest cases", ["size", "median", "90 %", "worst"], rows)


def findings(wrong: Wrong, seed: int, seconds: float) -> list[Finding]:
    """Return the faults of one layer that have a case of their own."""
    try:
        report = check_layer(wrong.layer, seed=seed, shrink_seconds=seconds, **wrong.how)
    except GradcheckError:  # it cannot be read at all
        return []
    return [one for one in report.findings if one.case and one.verdict != "pass"]


def sizes(found: Finding) -> tuple[int, int, int]:
    """Return the elements, the largest axis and the digits of the longest number of a case."""
    arrays = [one for name, one in found.case.items() if not name.startswith("option ")]
    numbers = [number for one in arrays for number in flat(one)]
    longest = max((digits(one) for one in numbers), default=0)
    return len(numbers), max(found.axes.values(), default=0), longest


def flat(values: Any) -> Iterator[float]:
    """Yield the numbers of nested lists."""
    if isinstance(values, (list, tuple)):
        for one in values:
            yield from flat(one)
    else:
        yield values


def digits(value: float) -> int:
    """Return how many digits tell a number, its zeros at either end left out."""
    text = decimal(float(value)).lstrip("-").partition("e")[0].replace(".", "")
    return len(text.strip("0"))


if __name__ == "__main__":
    main()
