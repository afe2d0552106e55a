"""What hides faults is drawn often: by design, counted in 1,000 draws.

The floor of a share is four standard deviations below it, so a count below the floor says that the
design has changed; and draws are derandomised, so it says the same every time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from gradcheck.case import Case
from gradcheck.checks.layout import TURNS
from gradcheck.layouts import LAYOUTS
from gradcheck.strategies import cases
from gradcheck.values import REGIMES

DRAWS = 1000
AFFINE = "x: N D, W: D M, b: M -> y: N M"
LOOKUP = "ids: N T [int < V], W: V D -> y: N T D"


@cache
def drawn(of: str, empty: bool = False) -> tuple[Case, ...]:
    """Return 1,000 drawn cases."""
    found: list[Case] = []

    @settings(
        max_examples=DRAWS,
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.filter_too_much],
    )
    @given(cases(of, allow_empty=empty))
    def collect(case: Case) -> None:
        found.append(case)

    collect()
    return tuple(found)


def floor(share: float) -> float:
    """Return how many of 1,000 draws there must be at least of what has this share."""
    return DRAWS * share - 4 * (DRAWS * share * (1 - share)) ** 0.5


def sizes(case: Case) -> list[int]:
    return [case.axes[name] for name in ("N", "D", "M")]


def in_rows(test: Callable[[np.ndarray], bool]) -> Callable[[Case], bool]:
    return lambda case: any(test(row) for row in case.primals["x"])


def largest(case: Case) -> float:
    return float(np.abs(case.primals["x"]).max())


SHARES: list[tuple[str, str, float, Callable[[Case], bool]]] = [
    ("unequal axes", AFFINE, 6 / 8, lambda c: len(set(sizes(c))) == 3),
    ("equal axes", AFFINE, 1 / 8, lambda c: len(set(sizes(c))) == 1),
    ("batch of one", AFFINE, 1 / 8, lambda c: c.axes["N"] == 1),
    ("batch larger than all else", AFFINE, 1 / 10, lambda c: c.axes["N"] > 6),
    ("float32", AFFINE, 1 / 4, lambda c: c.primals["x"].dtype == np.float32),
    ("exact zeros", AFFINE, 1 / 20, lambda c: (c.primals["x"] == 0).any()),
    ("ties", AFFINE, 1 / 20, in_rows(lambda row: 1 < len(set(row)) < len(row))),
    ("constant rows", AFFINE, 1 / 20, in_rows(lambda row: len(row) > 1 and len(set(row)) == 1)),
    (
        "saturations",
        AFFINE,
        1 / 20,
        in_rows(lambda row: bool(((abs(row) > 20) & (abs(row) < 60)).any())),
    ),
    ("huge scales", AFFINE, 1 / 20, lambda c: largest(c) > 100),
    ("tiny scales", AFFINE, 1 / 20, lambda c: largest(c) < 0.01),
    (
        "repeated ids",
        LOOKUP,
        1 / 2,
        lambda c: len(set(c.primals["ids"].flat)) < c.primals["ids"].size,
    ),
    (
        "stride = window of a pool",
        "max-pool2d",
        1 / 4,
        lambda c: c.options["stride"] == c.options["size"],
    ),
    (
        "stride < window of a pool",
        "max-pool2d",
        1 / 4,
        lambda c: c.options["stride"] < c.options["size"],
    ),
    ("stride = kernel", "conv2d", 1 / 8, lambda c: c.options["stride"] == c.axes["K"]),
    ("stride < kernel", "conv2d", 1 / 4, lambda c: c.options["stride"] < c.axes["K"]),
]


@pytest.mark.parametrize(("what", "of", "share", "has"), SHARES, ids=[one[0] for one in SHARES])
def test_it_appears_often(what: str, of: str, share: float, has: Callable[[Case], bool]) -> None:
    count = sum(map(has, drawn(of)))
    assert count >= floor(share), f"{what}: {count} of {DRAWS}"


def test_every_regime_appears_often() -> None:
    count = Counter(case.regime for case in drawn(AFFINE))
    assert min(count[name] for name in REGIMES) >= floor(1 / 16)


def test_an_empty_batch_appears_where_it_is_allowed() -> None:
    count = sum(case.axes["N"] == 0 for case in drawn(AFFINE, empty=True))
    assert count >= floor(1 / 8)
    assert not any(case.axes["N"] == 0 for case in drawn(AFFINE))


def lies(array: np.ndarray) -> str:
    """Return how an array of two axes, both larger than one, lies in memory."""
    if min(array.strides) < 0:
        return "reversed"
    if array.flags.f_contiguous:
        return "Fortran-ordered"
    if not array.flags.c_contiguous:
        return "strided"
    return "given" if array.base is None else "sliced"


def test_layouts_appear_often_and_are_what_they_say() -> None:
    found = drawn(AFFINE)
    count = Counter(case.layout for case in found)
    for layout in ("Fortran-ordered", "strided", "reversed", "sliced", "read-only"):
        assert count[layout] >= floor(1 / 10)
    for case in found:
        if min(case.primals["x"].shape) > 1:
            said = "given" if case.layout == "read-only" else case.layout
            assert lies(case.primals["x"]) == said


def test_a_layer_under_check_is_asked_for_every_layout() -> None:
    asked = {layout for turn in TURNS for layout in turn} | {"broadcast"}
    assert asked == set(LAYOUTS) - {"given"}
    turns = Counter(case.seed % len(TURNS) for case in drawn(AFFINE))
    assert min(turns[one] for one in range(len(TURNS))) >= floor(1 / 4)
