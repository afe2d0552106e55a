"""Every check catches its broken layer and passes the healthy twin."""

from __future__ import annotations

import pytest

from gradcheck import check_layer
from gradcheck.checks.catalogue import CHECKS, find_check
from tests.broken_layers import BROKEN, Broken
from tests.broken_scenarios import SCENARIOS

ALL = (*BROKEN, *SCENARIOS)
cases = pytest.mark.parametrize("broken", ALL, ids=lambda one: one.name)


@cases
def test_broken_layer_is_caught_by_its_check(broken: Broken) -> None:
    report = check_layer(broken.layer, **broken.asked, shrink_seconds=0.2)
    category = find_check(broken.check).category
    assert report.verdict != "pass" or category != "certain"
    explained = find_check(broken.check).unless
    codes = {one.code for one in report.findings}
    found = broken.check in {one.check for one in report.findings}
    assert found or any(code.startswith(explained) for code in codes if explained)


@cases
def test_broken_layer_is_caught_by_its_check_alone(broken: Broken) -> None:
    options = {"select": [broken.check], "seed": 3, "shrink_seconds": 0.2}
    report = check_layer(broken.layer, **broken.asked, **options)
    assert {one.check for one in report.findings} == {broken.check}


# One layer is the twin of many.
TWINS = {(one.twin, one.kind, repr(one.options)): one for one in ALL}


@pytest.mark.parametrize(
    "broken", TWINS.values(), ids=lambda one: f"{one.twin.__name__}-{one.kind}"
)
def test_healthy_twin_passes_every_check(broken: Broken) -> None:
    report = check_layer(broken.twin, **broken.asked, seed=1)
    assert report.verdict == "pass", str(report)
    assert not report.findings, str(report)


def test_every_check_has_a_broken_layer() -> None:
    # layer-unusable is about reading, not about a fault: test_cli.py has its cases. What ends its
    # process is seen from another one only: tests/sandbox/test_isolated_checks.py has it.
    elsewhere = {"layer-unusable", "layer-times-out", "layer-stops"}
    caught = {one.check for one in ALL} | elsewhere
    assert {check.name for check in CHECKS} == caught


def test_a_layer_that_draws_is_no_failure() -> None:
    noisy = next(one for one in BROKEN if one.check == "not-deterministic")
    (subject,) = check_layer(noisy.layer, **noisy.asked).subjects
    assert subject.verdict == "inconclusive"
    assert not subject.faults


class Queue:
    """Answers forwards in their order, as layers do that are called several times in a network."""

    def __init__(self):
        self.kept = []

    def forward(self, x):
        self.kept.append(x)
        return x**3

    def backward(self, dout):
        return 3 * self.kept.pop(0) ** 2 * dout


class OfTheFirst(Queue):
    def backward(self, dout):
        return 3 * self.kept[0] ** 2 * dout


def test_a_queue_is_a_remark_and_an_old_batch_a_fault() -> None:
    asked = {"signature": "x: N D -> y: N D"}
    (remark,) = check_layer(Queue, **asked).findings
    assert (remark.check, remark.verdict) == ("stale-cache", "pass")
    assert "stale-cache" in {
        one.check for one in check_layer(OfTheFirst, **asked).subjects[0].faults
    }


def test_a_failing_case_shrinks_to_few_short_decimals() -> None:
    twice = next(one for one in BROKEN if one.layer.__name__ == "DividedTwice")
    (finding,) = check_layer(twice.layer, kind=twice.kind, seed=12).findings
    assert finding.axes == {"N": 2, "D": 1, "M": 1}  # With N=1 the fault does not show.
    values = [number for array in finding.case.values() for number in _flat(array)]
    assert all(number * 4 == round(number * 4) for number in values)


def _flat(values: object) -> list[float]:
    return [n for one in values for n in _flat(one)] if isinstance(values, list) else [values]
