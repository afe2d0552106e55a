"""How outputs look that a signature leaves open is learned from the cases before."""

from __future__ import annotations

import pytest

from gradcheck.output_shapes import OutputShapes
from gradcheck.signature import parse_signature

FORM = parse_signature("x: N D, W: D M -> y: ...")


def sizes(n: int, d: int, m: int) -> dict[str, int]:
    return {"N": n, "D": d, "M": m}


def learned(*cases: tuple[tuple[int, int, int], tuple[int, ...]]) -> OutputShapes:
    shapes = OutputShapes()
    for one, shape in cases:
        shapes.learn(FORM, {}, sizes(*one), {"y": shape})
    return shapes


def test_nothing_is_expected_of_what_was_never_seen() -> None:
    assert OutputShapes().expected(FORM, {}, sizes(2, 3, 4)) is None
    shapes = learned(((2, 3, 4), (2, 4)))
    assert shapes.expected(FORM, {"reduction": "sum"}, sizes(2, 3, 4)) is None


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ([((2, 3, 4), (2, 4))], (5, 7)),
        ([((2, 3, 4), ())], ()),
        ([((3, 3, 3), (3, 3))], (5, 5)),  # a guess, which the next case corrects
        ([((3, 3, 3), (3, 3)), ((2, 3, 4), (2, 4))], (5, 7)),
        ([((2, 3, 4), (2, 9))], (5, 9)),
        ([((1, 3, 4), (1, 4)), ((2, 3, 4), (1, 4))], (1, 7)),
    ],
)
def test_an_axis_goes_with_those_that_had_its_size_in_every_case(before, expected) -> None:
    assert learned(*before).expected(FORM, {}, sizes(5, 6, 7)) == {"y": expected}


@pytest.mark.parametrize("second", [(2, 4, 1), (6, 4)])
def test_what_follows_no_axis_is_never_expected_again(second) -> None:
    shapes = learned(((2, 3, 4), (2, 4)), ((3, 2, 4), second), ((2, 3, 4), (2, 4)))
    assert shapes.expected(FORM, {}, sizes(5, 6, 7)) is None
