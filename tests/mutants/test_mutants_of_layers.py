"""Every mutant is a wrong gradient of the right shape, and no two of a kind are the same."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from gradcheck.kinds import catalogue, find_kind
from gradcheck.mutants import MUTANTS, Mutant, mutants_of, situation_of
from gradcheck.subject import Array
from tests.mutants.drawn import situations

ROOT = Path(__file__).parents[2]
KINDS = sorted({kind for one in MUTANTS for kind in one.kinds})
PAIRS = [(kind, one) for kind in KINDS for one in mutants_of(kind)]
Found = dict[str, Array]


@cache
def gradients(kind: str) -> dict[str, list[Found]]:
    """Return the gradients of each mutant of a kind at each of its situations."""
    return {
        one.name: [dict(one.gradients(situation)) for situation in situations(kind)]
        for one in mutants_of(kind)
    }


def apart(one: Array, other: Array) -> bool:
    """Return whether two gradients differ by more than rounding."""
    if not np.isfinite(one).all() or not np.isfinite(other).all():
        return False
    size = max(np.abs(one).max(initial=0), np.abs(other).max(initial=0))
    return bool(np.abs(one - other).max(initial=0) > 1e-6 * size)


def same_everywhere(these: Sequence[Found], those: Sequence[Found]) -> bool:
    """Return whether two mutants give the same arrays, with the same values, at all situations."""
    return all(
        set(one) == set(other) and not any(apart(one[name], other[name]) for name in one)
        for one, other in zip(these, those, strict=True)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_situations_are_found(kind: str) -> None:
    assert len(situations(kind)) > 20


@pytest.mark.parametrize(("kind", "one"), PAIRS, ids=[f"{k}-{one.name}" for k, one in PAIRS])
def test_gradients_have_the_right_shape(kind: str, one: Mutant) -> None:
    for situation, found in zip(situations(kind), gradients(kind)[one.name], strict=True):
        for name, array in found.items():
            assert array.shape == situation.gradients[name].shape
            assert array.dtype == situation.gradients[name].dtype


@pytest.mark.parametrize(("kind", "one"), PAIRS, ids=[f"{k}-{one.name}" for k, one in PAIRS])
def test_gradients_are_wrong(kind: str, one: Mutant) -> None:
    arrays = {name for found in gradients(kind)[one.name] for name in found}
    assert arrays
    assert any(
        apart(array, situation.gradients[name])
        for situation, found in zip(situations(kind), gradients(kind)[one.name], strict=True)
        for name, array in found.items()
    )


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_mutants_are_the_same(kind: str) -> None:
    found = gradients(kind)
    assert not [
        pair for pair in itertools.combinations(found, 2) if same_everywhere(*map(found.get, pair))
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_names_are_unique(kind: str) -> None:
    names = [one.name for one in mutants_of(kind)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("one", MUTANTS, ids=lambda one: f"{one.kinds[0]}-{one.name}")
def test_words_are_short_and_kinds_are_known(one: Mutant) -> None:
    told = one.text.format(gradient="dgamma")
    assert len(told) < 90
    assert len(one.text) < 90
    assert one.repair.endswith(".")
    assert one.name == one.name.lower().replace(" ", "-")
    assert set(one.kinds) <= {kind.name for kind in catalogue()}


def test_an_unknown_kind_has_no_mutants() -> None:
    assert mutants_of("no-such-kind") == ()
    assert mutants_of("unknown") == ()


@pytest.mark.parametrize("path", sorted((ROOT / "gradcheck/mutants").glob("*.py")), ids=str)
def test_mutants_know_layers_by_their_kinds_only(path: Path) -> None:
    ours = set(re.findall(r"^from (gradcheck\S*|layers\S*) import", path.read_text(), re.M))
    known = {f"gradcheck.{one}" for one in ("kinds", "subject", "signature", "errors")}
    assert all(one in known or one.startswith("gradcheck.mutants") for one in ours)


def test_no_formula_raises_or_changes_its_situation() -> None:
    for kind in KINDS:
        situation = situations(kind)[-1]
        kept = {name: one.copy() for name, one in situation.arrays.items()}
        right = {name: one.copy() for name, one in situation.gradients.items()}
        for one in mutants_of(kind):
            one.gradients(situation)
        for before, after in ((kept, situation.arrays), (right, situation.gradients)):
            assert all(np.array_equal(before[name], after[name]) for name in before)


def test_a_refused_call_is_no_situation() -> None:
    arrays = {"x": np.ones((2, 3)), "W": np.ones((4, 5)), "b": np.ones(5)}
    assert situation_of(find_kind("affine"), arrays, {}, {"y": np.ones((2, 5))}) is None
    fitting = {**arrays, "W": np.ones((3, 5))}
    assert situation_of(find_kind("affine"), fitting, {}, {"y": np.ones((9, 9))}) is None
    found = situation_of(find_kind("affine"), fitting, {}, {"y": np.ones((2, 5))})
    assert found is not None
    with pytest.raises(ValueError, match="refuses"):
        found.again(arrays={"W": np.ones((9, 9))})
    assert found.again(arrays={"x": np.zeros((2, 3))}).gradients["b"].tolist() == [2.0] * 5
