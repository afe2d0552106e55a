"""The population of benchmarks/detection.py: large, of all classes, and what it says it is."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

from gradcheck.kinds import catalogue

# benchmarks/ is not installed: it is found in the root of the project.
sys.path.insert(0, str(Path(__file__).parent.parent))
from benchmarks.bugs import BUGS
from benchmarks.records import Entry, Right, Wrong
from benchmarks.right_layers import RIGHT
from benchmarks.verified_wrong import is_right, proof
from benchmarks.wrong_layers import WRONG

_KINDS = {one.name for one in catalogue()}
_MANY = 130  # elements that are differenced: what has more is verified by the benchmark only


def _size(one: Entry) -> int:
    point = one.where if isinstance(one, Wrong) else one.usual
    arrays = (*point.taken, *point.kept)
    drawn = point.draw(0)
    return sum(drawn[array.name].size for array in arrays if array.differentiable)


def test_the_population_is_large_and_diverse() -> None:
    assert len(WRONG) >= 150
    assert len(RIGHT) >= 60
    assert len({one.kind for one in WRONG} - {""}) >= 45


def test_names_are_unique() -> None:
    names = Counter(one.name for one in (*WRONG, *RIGHT))
    assert not [name for name, count in names.items() if count > 1]


def test_kinds_and_classes_of_bugs_are_known() -> None:
    assert {one.kind for one in (*WRONG, *RIGHT)} - {""} <= _KINDS
    assert {one.bug for one in WRONG} == set(BUGS)
    assert all(bool(one.kind) != bool(one.signature) for one in (*WRONG, *RIGHT))


@pytest.mark.parametrize(
    "one", [one for one in WRONG if _size(one) <= _MANY], ids=lambda one: one.name
)
def test_wrong_layer_is_proved_wrong(one: Wrong) -> None:
    assert proof(one)


@pytest.mark.parametrize(
    "one", [one for one in RIGHT if _size(one) <= _MANY], ids=lambda one: one.name
)
def test_right_layer_is_right(one: Right) -> None:
    assert is_right(one)
