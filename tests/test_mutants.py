"""Every check catches its broken layer and passes the healthy twin."""

from __future__ import annotations

import pytest

from gradcheck import check_layer
from gradcheck.checks.catalogue import CHECKS
from tests.broken_layers import BROKEN, Broken

cases = pytest.mark.parametrize("broken", BROKEN, ids=lambda one: one.name)


@cases
def test_broken_layer_is_caught_by_its_check(broken: Broken) -> None:
    report = check_layer(broken.layer, kind=broken.kind)
    assert report.verdict != "pass"
    assert broken.check in {one.check for one in report.findings}


@cases
def test_broken_layer_is_caught_by_its_check_alone(broken: Broken) -> None:
    report = check_layer(broken.layer, kind=broken.kind, select=[broken.check], seed=3)
    assert {one.check for one in report.findings} == {broken.check}


@cases
def test_healthy_twin_passes_every_check(broken: Broken) -> None:
    report = check_layer(broken.twin, kind=broken.kind, seed=1)
    assert report.verdict == "pass", str(report)
    assert not report.findings


def test_every_check_has_a_broken_layer() -> None:
    # layer-unusable is about reading, not about a fault: test_cli.py has its cases.
    caught = {one.check for one in BROKEN} | {"layer-unusable"}
    assert {check.name for check in CHECKS} == caught


def test_a_layer_that_draws_is_no_failure() -> None:
    noisy = next(one for one in BROKEN if one.check == "not-deterministic")
    (subject,) = check_layer(noisy.layer, kind=noisy.kind).subjects
    assert subject.verdict == "inconclusive"
    assert not subject.faults
