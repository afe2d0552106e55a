"""The public strategies: what they draw, how they are shown and shrink, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import find as find_smallest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradcheck
import layers
from gradcheck import UsageError
from gradcheck.case import Case, given_case
from gradcheck.conventions import adapt
from gradcheck.kinds import UNKNOWN, catalogue, find_kind
from gradcheck.signature import parse_signature
from gradcheck.strategies import cases, layers_of, named_arrays

AFFINE = "x: N D, W: D M, b: M -> y: N M"
some = settings(max_examples=60, deadline=None, derandomize=True, database=None)
every_kind = pytest.mark.parametrize("kind", [one.name for one in catalogue()])


def find(strategy: st.SearchStrategy[Case], wanted: Callable[[Case], bool]) -> Case:
    """Return the smallest case that has what is wanted."""
    return find_smallest(strategy, wanted, settings=settings(database=None, derandomize=True))


@some
@given(cases(AFFINE, axes={"N": (2, 8), "D": 3}, regimes="tied", dtypes="float32"))
def test_every_keyword_narrows(case: Case) -> None:
    assert 2 <= case.axes["N"] <= 8
    assert case.axes["D"] == 3
    assert case.regime == "tied"
    assert {one.dtype for one in case.primals.values()} == {np.dtype(np.float32)}
    assert case.primals["W"].shape == (3, case.axes["M"])


@some
@given(
    cases(
        "x: T, w: K -> y: (T-K)//stride+1",
        axes={"T": (1, 9)},
        options={"stride": (1, 2)},
        constraints=["T >= K", "K >= stride"],
    )
)
def test_options_and_constraints_hold(case: Case) -> None:
    assert case.options["stride"] <= case.axes["K"] <= case.axes["T"] <= 9


@some
@given(st.tuples(named_arrays("x: N D, W: D M"), st.booleans()))
def test_named_arrays_compose_and_may_be_written_to(drawn: tuple[dict[str, Any], bool]) -> None:
    arrays, _ = drawn
    assert list(arrays) == ["x", "W"]
    assert (arrays["x"] @ arrays["W"]).ndim == 2
    if arrays["x"].flags.writeable:
        arrays["x"][...] = 0


@some
@given(named_arrays("x: N D", layouts="read-only"))
def test_read_only_arrays_are(arrays: dict[str, Any]) -> None:
    assert not arrays["x"].flags.writeable


@some
@given(named_arrays("p: N C [probabilities], t: N [int < C], m: N [mask]", allow_empty=True))
def test_domains_hold_in_every_layout(arrays: dict[str, Any]) -> None:
    assert np.allclose(arrays["p"].sum(axis=-1), 1, atol=1e-6)
    assert (arrays["t"] < arrays["p"].shape[1]).all()
    assert arrays["m"].dtype == bool


@every_kind
def test_layers_of_every_kind_run(kind: str) -> None:
    seen = 0

    @settings(max_examples=8, deadline=None, derandomize=True, database=None)
    @given(layers_of(kind))
    def run(drawn: Any) -> None:
        nonlocal seen
        seen += 1
        layer, case = drawn
        assert type(layer) is find_kind(kind).reference
        with np.errstate(all="ignore"):
            y = layer.forward(*case.arguments)
            outputs = y if isinstance(y, tuple) else (y,)
            layer.backward(*(np.ones_like(one) for one in outputs))

    run()
    assert seen >= 3


@pytest.mark.parametrize(
    "source", [AFFINE, parse_signature(AFFINE), "affine", layers.Affine, adapt(layers.Affine)]
)
def test_cases_are_drawn_of_all_that_has_a_signature(source: Any) -> None:
    case = find(cases(source), lambda case: len(case.primals) == 3)
    assert {one.shape for one in case.primals.values()} == {(1, 1), (1,)}


def test_strategies_are_shown_as_they_are_called() -> None:
    assert repr(cases("x: N D -> y: N D")) == "cases('x: N D -> y: N D')"
    assert repr(named_arrays("x: N D", axes={"N": (1, 8)})) == (
        "named_arrays('x: N D', axes={'N': (1, 8)})"
    )
    assert repr(layers_of("affine")) == "layers_of('affine')"
    assert repr(cases(layers.Affine, dtypes="float64")) == "cases(Affine, dtypes='float64')"
    assert repr(cases(adapt(layers.Affine))) == "cases('Affine')"
    assert repr(layers_of(find_kind("relu"))) == "layers_of('relu')"
    assert repr(cases(parse_signature("x: N -> y: N"))) == "cases('x: N -> y: N')"


def test_a_case_is_shown_with_few_numbers() -> None:
    case = find(cases(AFFINE), lambda case: case.axes["N"] > 1)
    assert repr(case) == (
        "Case('x: N D, W: D M, b: M -> y: N M', N=2, D=1, M=1, regime='plain', seed=0, "
        "x=[[1. ], [0.5]], W=[[1.]], b=[1.])"
    )
    wide = given_case(parse_signature("x: N -> y: N"), {"x": np.arange(10.0**4)}, 0)
    assert len(repr(wide)) < 200


def test_examples_shrink_to_the_plainest() -> None:
    assert find(cases("conv2d"), lambda case: case.options["stride"] > 1).options == {
        "stride": 2,
        "pad": 0,
        "dilation": 1,
        "groups": 1,
    }
    case = find(cases(AFFINE), lambda case: case.layout != "given" and case.axes["D"] > 2)
    assert case.axes == {"N": 1, "D": 3, "M": 1}
    assert (case.regime, case.seed) == ("plain", 0)


REFUSED: list[tuple[Any, dict[str, Any], str]] = [
    ("x N D -> y: N D", {}, "cannot read 'x N D' in a signature"),
    ("x: N D", {}, "no '->' in the signature"),
    ("conv2", {}, "no layer kind 'conv2'; did you mean 'conv2d'"),
    (3, {}, "cases are drawn of a signature such as .*; got 3"),
    (dict, {}, "dict is of no known kind"),
    ("affine", {"parameters": ["W"]}, "parameters are named beside the text"),
    (AFFINE, {"axes": {"K": 3}}, "no axis 'K'. Known: N, D, M"),
    (AFFINE, {"axes": {"N": (3, 1)}}, "the range of axis N is empty or negative"),
    (AFFINE, {"axes": {"N": (-1, 1)}}, "the range of axis N is empty or negative"),
    (AFFINE, {"axes": {"N": "two"}}, "the range of axis N is a size or"),
    (AFFINE, {"regimes": "tyed"}, "no regime 'tyed'; did you mean 'tied'"),
    (AFFINE, {"regimes": ()}, "no regime is left to draw"),
    (AFFINE, {"layouts": ["strded"]}, "no layout 'strded'; did you mean 'strided'"),
    (AFFINE, {"dtypes": "int64"}, "'int64' is no floating dtype"),
    (AFFINE, {"dtypes": "floaty"}, "'floaty' is no floating dtype"),
    (AFFINE, {"dtypes": ()}, "no dtype is left to draw"),
    (AFFINE, {"constraints": "N > Q"}, "no axis or option 'Q' of the constraint"),
    (AFFINE, {"constraints": "N"}, "a constraint compares two axes"),
    (AFFINE, {"constraints": "N > 9", "axes": {"N": (1, 5)}}, "no sizes within the ranges"),
    (AFFINE, {"options": {"D": ()}}, "no value is left of the option 'D'"),
    (AFFINE, {"options": {"D": 3}, "axes": {"D": 3}}, "the size of D is already fixed"),
    ("conv2d", {"options": {"strid": 2}}, "conv2d has no option 'strid'; did you mean 'stride'"),
    ("x: N//s -> y: N", {"options": {"s": 0}}, "divides by zero"),
    ("t: N [int < C] -> y:", {"axes": {"C": (0, 2)}}, "without any C there are no labels"),
]


@pytest.mark.parametrize(("source", "keywords", "told"), REFUSED, ids=[one[2] for one in REFUSED])
def test_what_cannot_be_drawn_is_told_at_once(
    source: Any, keywords: dict[str, Any], told: str
) -> None:
    with pytest.raises(UsageError, match=told) as refusal:
        cases(source, **keywords)
    assert "\n" not in str(refusal.value)


def test_a_kind_without_a_reference_has_no_layers() -> None:
    with pytest.raises(UsageError, match="there is no reference layer"):
        layers_of(UNKNOWN)


def test_strategies_are_a_public_name() -> None:
    assert gradcheck.strategies.cases is cases
