"""The values of a smallest case: simple ones, where the same fault shows as clearly."""

from __future__ import annotations

import time
from unittest import mock

import numpy as np
import pytest

import layers
from gradcheck import check_layer, simplifying
from gradcheck.case import Case, make_case
from gradcheck.conventions import adapt
from gradcheck.findings import Finding, Numbers
from gradcheck.narrowing import resized, separable
from gradcheck.signature import parse_signature
from gradcheck.simplifying import TRIES, simplified
from gradcheck.values import SIMPLE, simplest

FORM = parse_signature("x: N D -> y: N D")
SUBJECT = adapt(layers.Tanh)


def finding(analytic: float = 2.0, numeric: float = 1.0, bound: float = 1e-9) -> Finding:
    numbers = Numbers(
        index=(0,), analytic=analytic, numeric=numeric, error_bound=bound, wrong=1, total=1
    )
    return Finding(check="input-gradient-wrong", code="", headline="", array="dx", numbers=numbers)


def simplify(persists, *, regime: str = "generic", seconds: float = 60.0) -> Case:
    case = make_case(FORM, {"N": 2, "D": 2}, regime=regime, seed=5)
    return simplified(SUBJECT, case, finding(), persists, seconds)[0]


def whole(case: Case) -> Finding | None:
    """Show the fault in both rows and both columns only."""
    return finding() if case.axes == {"N": 2, "D": 2} else None


def test_values_become_the_simplest_and_differ_from_each_other() -> None:
    case = simplify(whole)
    assert case.primals["x"].tolist() == [[1.0, 0.5], [-2.0, 2.0]]
    assert case.upstream is not None
    assert case.upstream["y"].tolist() == [[1.0, 0.5], [-2.0, 2.0]]
    assert not case.primals["x"].flags.writeable


def test_the_upstream_gradient_of_the_case_is_the_one_shown() -> None:
    case = simplify(whole)
    shown = case.cotangents({"y": np.zeros((2, 2))})["y"]
    assert shown.tolist() == [[1.0, 0.5], [-2.0, 2.0]]
    assert case.cotangents({"y": np.zeros((3, 2))})["y"].shape == (3, 2)  # of another batch


def test_a_single_element_that_matters_is_kept_and_shortened() -> None:
    def persists(case: Case) -> Finding | None:
        return finding() if case.primals["x"][1, 0] > 2.1 else None

    case = make_case(FORM, {"N": 2, "D": 2}, regime="generic", seed=5)
    x = np.array([[0.1234, -1.5678], [37.4321, 0.7]])
    start = Case(FORM, case.axes, {"x": x}, regime="large", seed=5)
    sizes = {"separable": lambda *_: [], "resized": lambda *_: iter(())}
    with mock.patch.multiple(simplifying, **sizes):
        found, _ = simplified(SUBJECT, start, finding(), persists, 60.0)
    assert found.primals["x"][1, 0] == 40.0
    assert set(np.delete(found.primals["x"].ravel(), 2)) <= set(SIMPLE)


def test_what_is_not_needed_is_left_out() -> None:
    def persists(case: Case) -> Finding | None:
        return finding() if (case.primals["x"] > 30).any() and len(case.primals["x"]) > 1 else None

    case = make_case(FORM, {"N": 5, "D": 4}, regime="large", seed=3)
    assert persists(case)
    found, _ = simplified(SUBJECT, case, finding(), persists, 60.0)
    assert found.axes == {"N": 2, "D": 1}
    assert found.primals["x"].shape == (2, 1)
    assert np.round(found.primals["x"].max(), -1) == found.primals["x"].max()


def test_an_axis_is_made_smaller_with_other_values() -> None:
    form = parse_signature("x: N 2*K -> y: N")  # no part of 2*K is left out: K has no places in it

    def persists(case: Case) -> Finding | None:
        return finding() if case.axes["K"] > 1 else None

    case = make_case(form, {"N": 4, "K": 5}, regime="plain", seed=3)
    subject = adapt(layers.Tanh)
    subject.forms = (form,)
    found, _ = simplified(subject, case, finding(), persists, 60.0)
    assert found.axes == {"N": 1, "K": 2}
    window = parse_signature("x: H, W: H-K+1 -> y: H")
    wide = make_case(window, {"H": 4, "K": 2}, seed=3)
    shapes = [one.primals["W"].shape for one in resized(wide, (), ["H > K"])]
    assert shapes == [(2,), (4,)]  # H = 3, K = 1
    assert found.primals["x"].tolist() == [[1.0, 0.5, -2.0, 2.0]]


def test_axes_that_mean_something_as_a_whole_are_not_cut() -> None:
    names = lambda text: separable(parse_signature(text))  # noqa: E731
    assert names("x: N D, W: D M -> y: N M") == ["N", "D", "M"]
    assert names("x: N H*K, W: K -> y: N") == ["N"]
    assert names("p: N C [probabilities], t: N [int < C] -> y:") == ["N"]
    assert separable(FORM, {"D"}) == ["N"]


def test_values_at_which_the_fault_is_gone_are_not_taken() -> None:
    first = make_case(FORM, {"N": 2, "D": 2}, seed=5)
    kept = simplify(lambda case: None)
    assert kept.axes == first.axes
    assert np.array_equal(kept.primals["x"], first.primals["x"])


@pytest.mark.parametrize(
    "marginal", [finding(bound=0.5), finding(analytic=1.0001), finding(analytic=1 + 1e-8)]
)
def test_a_marginal_discrepancy_is_not_taken_for_a_clear_one(marginal: Finding) -> None:
    first = make_case(FORM, {"N": 2, "D": 2}, seed=5)
    kept = simplify(lambda case: marginal)
    assert np.array_equal(kept.primals["x"], first.primals["x"])


def test_tries_and_time_are_bounded() -> None:
    tried = 0

    def never(case: Case) -> None:
        nonlocal tried
        tried += 1

    simplify(never)
    assert 10 < tried <= 2 * TRIES
    tried = 0

    def slowly(case: Case) -> None:
        never(case)
        time.sleep(0.02)

    simplify(slowly, seconds=0.05)
    assert tried <= 4


@pytest.mark.parametrize(
    ("array", "values"),
    [
        ("x: N", [1.0, 0.5, -2.0, 2.0]),
        ("x: N [positive]", [1.0, 0.5, 2.0, 1.5]),
        ("x: N [unit]", [0.5, 0.25, 0.75, 0.5]),
        ("x: N [probabilities]", [0.5, 0.25, 0.125, 0.125]),
        ("x: N [int < C]", [0, 1, 2, 0]),
        ("x: N [1 <= int < C]", [1, 2, 1, 2]),
        ("x: N [mask]", [True] * 4),
        ("x: N [one-hot]", [1.0, 0.0, 0.0, 0.0]),
        ("x:", 1.0),
    ],
)
def test_the_simplest_values_are_in_the_domain(array: str, values: object) -> None:
    (spec,) = parse_signature(f"{array} -> y: ...").arrays
    assert simplest(spec, {"N": 4, "C": 3}).tolist() == values


@pytest.mark.parametrize("domain", ["", "[unit]", "[probabilities]", "[int < C]", "[one-hot]"])
def test_arrays_of_nothing_have_no_values(domain: str) -> None:
    (spec,) = parse_signature(f"x: N C {domain} -> y: ...").arrays
    assert simplest(spec, {"N": 0, "C": 3}).shape == (0, 3)
    empty = domain in ("", "[unit]")
    assert simplest(spec, {"N": 2, "C": 0}).shape == (2, 0) if empty else True


class Cubed:
    """Wrong only where x is large: the fault must not slide to another place."""

    def forward(self, x):
        self.x = x
        return x**3

    def backward(self, dout):
        return dout * np.where(self.x > 2.6, 2 * self.x**2, 3 * self.x**2)


def test_a_fault_at_large_values_keeps_one_of_them() -> None:
    report = check_layer(Cubed, signature="x: N D -> y: N D", seed=1)
    (found,) = report.findings
    assert found.axes == {"N": 1, "D": 1}
    assert found.case["x"] == [[3.0]]
    assert found.case["dout"] == [[1.0]]


def test_it_costs_little(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []
    search = simplifying._Search.take

    def counted(self, values):
        search(self, values)
        tries.append(self.tries)

    monkeypatch.setattr(simplifying._Search, "take", counted)
    assert check_layer(Cubed, signature="x: N D -> y: N D", seed=1).findings
    assert tries
    assert max(tries) <= 30
