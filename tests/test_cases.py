"""Drawn cases: every form, unequal axes, no ones upstream, the same again from the same seed."""

from __future__ import annotations

import importlib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import layers
from gradcheck.case import Case, make_case
from gradcheck.cases import cases
from gradcheck.conventions import adapt
from gradcheck.kinds import find_kind
from gradcheck.signature import parse_signature
from gradcheck.values import REGIMES

AFFINE = adapt(layers.Affine)


def drawn(subject, count: int = 300) -> list[Case]:
    found: list[Case] = []

    @settings(max_examples=count, database=None, deadline=None, derandomize=True)
    @given(cases(subject))
    def collect(case: Case) -> None:
        found.append(case)

    collect()
    return found


def test_every_regime_and_form_appears_often() -> None:
    found = drawn(AFFINE)
    regimes = Counter(case.regime for case in found)
    # Extreme values are also made from ordinary cases by the checks that are about them.
    assert all(regimes[name] >= 8 for name in REGIMES)
    fair = len(found) / len(AFFINE.forms)
    assert min(Counter(str(case.signature) for case in found).values()) >= fair / 2


def test_axes_are_mostly_unequal_and_batch_of_one_appears() -> None:
    batches = [case.axes for case in drawn(AFFINE) if {"N", "D", "M"} <= set(case.axes)]
    assert sum(len({a["N"], a["D"], a["M"]}) > 1 for a in batches) > 0.7 * len(batches)
    assert sum(a["N"] == 1 for a in batches) > 5


def test_values_follow_their_domain() -> None:
    form = parse_signature(
        "p: N C [probabilities], t: N [int < C], h: N C [one-hot], a: N [positive], b: N [nonzero]"
        " -> y:"
    )
    for regime in REGIMES:
        for seed in range(20):
            case = make_case(form, {"N": 3, "C": 4}, regime=regime, seed=seed)
            p, t, h, a, b = (case.primals[name] for name in "pthab")
            assert np.allclose(p.sum(-1), 1)
            assert (p > 0).all()
            assert t.dtype.kind == "i"
            assert ((t >= 0) & (t < 4)).all()
            assert (h.sum(-1) == 1).all()
            assert (a > 0).all()
            assert (b != 0).all()


@given(st.sampled_from(sorted(REGIMES)), st.integers(0, 2**16 - 1))
@settings(max_examples=50, deadline=None, derandomize=True)
def test_the_upstream_gradient_is_never_ones(regime: str, seed: int) -> None:
    case = make_case(AFFINE.forms[0], {"N": 3, "D": 2, "M": 2}, regime=regime, seed=seed)
    (upstream,) = case.cotangents({"y": np.zeros((3, 2))}).values()
    assert not (upstream == 1).any()
    assert (upstream != 0).all()


def test_the_upstream_gradient_has_both_signs_in_the_long_run() -> None:
    values = [c.cotangents({"y": np.zeros(4)})["y"] for c in drawn(AFFINE, 100)]
    share = (np.concatenate(values) > 0).mean()
    assert 0.3 < share < 0.7


def test_the_plain_regime_has_short_decimals() -> None:
    case = make_case(AFFINE.forms[0], {"N": 3, "D": 4, "M": 2}, regime="plain", seed=3)
    for array in case.primals.values():
        assert np.array_equal(array * 4, np.round(array * 4))


def test_the_same_seed_is_the_same_case() -> None:
    axes = {"N": 2, "D": 3, "M": 1}
    first, second = (make_case(AFFINE.forms[0], axes, seed=9) for _ in range(2))
    assert all(np.array_equal(first.primals[n], second.primals[n]) for n in first.primals)
    assert first.key == second.key
    other = make_case(AFFINE.forms[0], axes, seed=9, dtype="float32")
    assert other.key != first.key
    assert make_case(AFFINE.forms[0], axes, seed=9, layout="reversed").key != first.key


def test_an_upstream_gradient_may_be_given() -> None:
    case = make_case(AFFINE.forms[0], {"N": 2, "D": 3, "M": 1}, seed=9)
    given = replace(case, upstream={"y": np.array([[1.0], [0.5]])})
    single = np.zeros((2, 1), np.float32)
    assert given.cotangents({"y": single})["y"].tolist() == [[1.0], [0.5]]
    assert given.cotangents({"y": single})["y"].dtype == np.float32
    larger = {"y": np.zeros((3, 1))}  # a batch of another size has another one
    assert np.array_equal(given.cotangents(larger)["y"], case.cotangents(larger)["y"])
    assert (given.cotangents({"y": single}, unit=True)["y"] == 1).all()


def test_options_are_drawn_and_may_be_axes() -> None:
    found = drawn(adapt(layers.Repeat, kind=find_kind("repeat")), 100)
    assert len({case.options["times"] for case in found}) >= 3


def test_primals_are_read_only() -> None:
    case = make_case(AFFINE.forms[0], {"N": 1, "D": 1, "M": 1})
    with pytest.raises(ValueError, match="read-only"):
        case.primals["x"][...] = 0


def test_a_seed_draws_the_same_whatever_else_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [case.key for case in drawn(AFFINE)]
    # Hypothesis tries the numbers that it finds in modules of the project under test.
    numbers = list(range(200, 60000, 197))
    (tmp_path / "many_numbers.py").write_text(f"NUMBERS = {numbers}", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert numbers == importlib.import_module("many_numbers").NUMBERS
    assert [case.key for case in drawn(AFFINE)] == before
