"""Faults that are accepted for a while, and how much is told of those that are not."""

from __future__ import annotations

import numpy as np
import pytest

import gradcheck.self_test
from gradcheck import check_layer
from gradcheck.errors import HarnessError, UsageError
from gradcheck.self_test import control
from gradcheck.waivers import Waiver, waiver_from
from tests.broken_layers import DividedTwice, ForgetsBias, Sigmoid
from tests.broken_scenarios import Warns

REASON = "kept until the course has moved on"


def waive(layer: str, check: str, array: str = "") -> Waiver:
    return Waiver(layer=layer, check=check, reason=REASON, array=array)


@pytest.mark.parametrize(
    ("layer", "check"),
    [("DividedTwice", "GC102"), ("Divided*", "GC1"), ("*", "parameter-gradient-wrong")],
)
def test_a_waived_fault_fails_nothing_and_says_why(layer: str, check: str) -> None:
    report = check_layer(
        DividedTwice, kind="affine", shrink_seconds=0.2, waivers=[waive(layer, check)]
    )
    assert report.verdict == "waived"
    (found,) = report.findings
    assert (found.verdict, found.waiver) == ("waived", REASON)
    assert not report.notes
    report.raise_if_failed()


@pytest.mark.parametrize("waiver", [waive("Affine", "GC102"), waive("*", "GC101")])
def test_a_waiver_of_something_else_changes_nothing(waiver: Waiver) -> None:
    assert (
        check_layer(DividedTwice, kind="affine", shrink_seconds=0.2, waivers=[waiver]).verdict
        == "fail"
    )


def test_a_waiver_may_be_for_one_array() -> None:
    for array, verdict in (("dW", "waived"), ("db", "fail")):
        waiver = waive("*", "GC102", array)
        assert (
            check_layer(DividedTwice, kind="affine", shrink_seconds=0.2, waivers=[waiver]).verdict
            == verdict
        )


def test_a_stale_waiver_is_told() -> None:
    (note,) = check_layer(Sigmoid, kind="sigmoid", waivers=[waive("Sigmoid", "GC101")]).notes
    assert "Sigmoid:GC101 matches nothing any more" in note
    assert REASON in note


def test_a_waiver_is_not_stale_where_its_check_or_layer_had_no_chance() -> None:
    other = waive("Affine", "GC101")
    assert not check_layer(Sigmoid, kind="sigmoid", waivers=[other]).notes
    unasked = waive("Sigmoid", "GC701")
    report = check_layer(Sigmoid, kind="sigmoid", select=["GC1"], waivers=[unasked])
    assert not report.notes


@pytest.mark.parametrize(
    "text", ["GC102=why", "Affine:GC102", "Affine:GC102=", "Affine=why", ":GC102=why"]
)
def test_a_waiver_without_all_its_parts_is_a_mistake(text: str) -> None:
    with pytest.raises(UsageError, match="a waiver is LAYER:CHECK=REASON"):
        waiver_from(text)


def test_hints_give_away_no_more_than_was_said() -> None:
    told = {
        level: check_layer(DividedTwice, kind="affine", shrink_seconds=0.2, hints=level).findings[0]
        for level in ("none", "where", "name", "fix")
    }
    assert told["none"].headline == "DividedTwice: dW is wrong"
    assert told["none"].numbers is None
    assert not told["none"].case
    assert told["where"].numbers is not None
    assert told["where"].diagnosis is None
    assert told["name"].diagnosis is not None
    assert told["name"].diagnosis.repair == ""
    assert told["fix"].diagnosis is not None
    assert told["fix"].diagnosis.name == told["name"].diagnosis.name


def test_an_unknown_level_of_hints_is_a_mistake() -> None:
    with pytest.raises(UsageError, match="no hints 'all'"):
        check_layer(Sigmoid, hints="all")


@pytest.mark.parametrize("word", ["suspicious", "GC503", "GC5", "warns-at-values"])
def test_a_remark_fails_where_it_is_said_to(word: str) -> None:
    assert check_layer(Warns, kind="sigmoid").verdict == "pass"
    report = check_layer(Warns, kind="sigmoid", fail=[word])
    assert report.verdict == "fail"
    assert {one.check for one in report.subjects[0].faults} == {"warns-at-values"}
    assert report.findings[0].case  # shrunk like any other fault


def test_a_preview_runs_only_where_it_is_asked_for() -> None:
    for options, found in (
        ({}, False),
        ({"select": ["GC4"]}, False),
        ({"select": ["output-is-cache"]}, True),
        ({"select": ["GC405"]}, True),
        ({"preview": True}, True),
    ):
        report = check_layer(Sigmoid, kind="sigmoid", **options)
        assert bool(report.findings) is found, options


def test_the_control_says_that_it_went_as_it_must() -> None:
    assert control(examples=10) == "self-test: 4 right layers pass, 4 wrong ones fail"


@pytest.mark.parametrize(("layer", "word"), [(Sigmoid, "wrong"), (DividedTwice, "right")])
def test_the_control_stops_a_run_whose_verdicts_cannot_be_trusted(layer, word, monkeypatch) -> None:
    known = {Sigmoid: "sigmoid", DividedTwice: "affine"}[layer]
    always = check_layer(layer, kind=known)
    monkeypatch.setattr(gradcheck.self_test, "check_layer", lambda *_, **__: always)
    with pytest.raises(HarnessError, match=rf"a {word} \S+ layer was judged"):
        control()
    assert HarnessError.exit_code == 3


def test_a_missing_gradient_can_be_waived_and_the_others_still_count() -> None:
    class Two(ForgetsBias):
        def backward(self, dout):
            return super().backward(dout) * np.float64(1.1)

    report = check_layer(Two, kind="affine", waivers=[waive("Two", "GC103")])
    verdicts = {one.check: one.verdict for one in report.findings}
    assert verdicts["gradient-missing"] == "waived"
    assert verdicts["input-gradient-wrong"] == "fail"
    assert report.verdict == "fail"
