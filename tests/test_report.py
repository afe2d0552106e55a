"""The report: text as a person reads it, JSON as a machine does, and the exception in between."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console

import gradcheck
from gradcheck import GradientCheckFailed, check_layer
from gradcheck.findings import (
    Diagnosis,
    Finding,
    Numbers,
    Report,
    SubjectReport,
    decimal,
    fault_lines,
    worst,
)
from gradcheck.report.json_schema import report_schema, report_schema_text
from gradcheck.report.terminal import print_report
from tests.broken_layers import Affine, DividedTwice, WholeBatch

SAMPLE = Finding(
    check="parameter-gradient-wrong",
    code="GC102",
    headline="Affine: dW is wrong, 0.5 where 1.0 is right",
    array="dW",
    numbers=Numbers(index=(0, 1), analytic=0.5, numeric=1.0, error_bound=2e-10, wrong=2, total=4),
    axes={"N": 2, "D": 1},
    shapes={"x": (2, 1)},
    case={"x": [[1.0], [-0.5]]},
    diagnosis=Diagnosis(
        name="factor-1/N", text="dW is 1/N times the right gradient", evidence="in all 12 cases"
    ),
    replay="gradcheck check f.py::Affine --select GC102",
    page="gradcheck explain GC102",
)
SUBJECT = SubjectReport(
    source="f.py",
    symbol="Affine",
    line=3,
    kind="affine",
    convention="layer-object",
    verdict="fail",
    findings=(SAMPLE,),
    cases=60,
    seconds=0.25,
)
REPORT = Report(version="1", seed=0, verdict="fail", subjects=(SUBJECT,))

TEXT = """\
f.py
  X  Affine  line 3  WRONG  parameter-gradient-wrong; 60 cases

Affine: dW is wrong, 0.5 where 1.0 is right  parameter-gradient-wrong (GC102)
  where          dW[0, 1]: backward gives 0.5, finite differences give 1.0 +- 2e-10 (2 of 4 elements
                 wrong)
  shapes         N=2 D=1; x (2, 1)
  smallest case  x = [[1.0], [-0.5]]
  looks like     dW is 1/N times the right gradient
  evidence       in all 12 cases
  replay         gradcheck check f.py::Affine --select GC102
  more           gradcheck explain GC102

1 layer: 1 fail; 60 cases in 0.2 s
"""


def printed(report: Report) -> str:
    stream = io.StringIO()
    print_report(report, Console(file=stream, width=100, highlight=False))
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def test_terminal_text() -> None:
    assert printed(REPORT) == TEXT


BESIDE = """\
hw/a.py
  -  Relu  cell 2, line 4  not attempted  backward is still to be written
hw/b.py
  ok  tanh_forward  line 3  right

Read as
  tanh_forward: functions tanh_forward and tanh_backward; dtype float32 inside

Passed over
  hw/a.py::Helper0: no forward
  hw/a.py::Helper1: no forward
  hw/a.py::Helper2: no forward
  hw/a.py::Helper3: no forward
  hw/a.py::Helper4: no forward
  hw/a.py::Helper5: no forward
  hw/a.py::Helper6: no forward
  hw/a.py::Helper7: no forward
  ... and 1 more: gradcheck list hw

Notes
  hw/c.py: not read, line 1: invalid syntax
  hw/d.py: torch is not installed

2 layers: 1 pass, 1 not-attempted; 0 cases in 0.0 s
"""


def test_what_there_is_beside_the_findings_is_told_in_few_lines() -> None:
    stub = SubjectReport(
        source="hw/a.py",
        symbol="Relu",
        line=4,
        cell="cell 2",
        kind=None,
        convention="",
        verdict="not-attempted",
        assumptions={"unfinished": "backward is still to be written"},
    )
    pair = SubjectReport(
        source="hw/b.py",
        symbol="tanh_forward",
        line=3,
        kind=None,
        convention="function-pair",
        verdict="pass",
        assumptions={
            "read as": "functions tanh_forward and tanh_backward",
            "dtype": "float32 inside",
        },
    )
    report = Report(
        version="1",
        seed=0,
        verdict="pass",
        subjects=(stub, pair),
        passed_over={f"hw/a.py::Helper{i}": "no forward" for i in range(9)},
        notes=("hw/c.py: not read, line 1: invalid syntax", "hw/d.py: torch is not installed"),
    )
    assert printed(report) == BESIDE


def test_plain_lines_keep_the_order_of_the_anatomy() -> None:
    labels = [line[2:16].strip() for line in fault_lines(SAMPLE)][1:]
    assert labels == ["where", "shapes", "smallest case", "looks like", "evidence", "replay"]


def test_json_matches_its_schema_and_keeps_non_finite_numbers() -> None:
    numbers = Numbers(
        index=(), analytic=math.nan, numeric=-math.inf, error_bound=0.0, wrong=1, total=1
    )
    finding = Finding(check="c", code="GC1", headline="h", numbers=numbers)
    subject = SubjectReport(
        source="",
        symbol="A",
        line=None,
        kind=None,
        convention="c",
        verdict="fail",
        findings=(finding,),
    )
    plain = json.loads(Report(version="1", seed=0, verdict="fail", subjects=(subject,)).to_json())
    jsonschema.validate(plain, report_schema())
    kept = plain["subjects"][0]["findings"][0]["numbers"]
    assert (kept["analytic"], kept["numeric"]) == ("nan", "-inf")


def test_json_of_a_real_run_matches_the_schema() -> None:
    report = check_layer(DividedTwice, kind="affine", examples=10)
    jsonschema.validate(json.loads(report.to_json()), report_schema())


def test_schema_in_the_package_is_current() -> None:
    packaged = Path(gradcheck.__file__).with_name("report") / "report-1.schema.json"
    assert packaged.read_text(encoding="utf-8") == report_schema_text()


def test_raise_if_failed_has_the_finding_as_its_text() -> None:
    with pytest.raises(GradientCheckFailed, match=r"dW is wrong, 0\.5 where 1\.0 is right"):
        REPORT.raise_if_failed()


def test_raise_if_failed_is_silent_for_a_pass() -> None:
    check_layer(Affine, examples=5).raise_if_failed()


def test_worst_verdict_first() -> None:
    assert worst(["pass", "inconclusive", "fail"]) == "fail"
    assert worst(["pass", "error", "fail"]) == "error"
    assert worst([]) == "not-applicable"


def test_headlines_stay_short() -> None:
    for layer, kind in ((DividedTwice, "affine"), (WholeBatch, "softmax")):
        for finding in check_layer(layer, kind=kind, examples=20).findings:
            assert len(finding.headline) < 100


def test_notebook_view_is_escaped() -> None:
    finding = Finding(check="c", code="GC1", headline="<b>")
    subject = SubjectReport(
        source="",
        symbol="A",
        line=None,
        kind=None,
        convention="c",
        verdict="fail",
        findings=(finding,),
    )
    report = Report(version="1", seed=0, verdict="fail", subjects=(subject,))
    assert "&lt;b&gt;" in report._repr_html_()


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1.0"), (-0.5, "-0.5"), (1e-12, "1e-12"), (1 / 3, "0.3333333"), (math.nan, "nan")],
)
def test_decimals_are_short(value: float, text: str) -> None:
    assert decimal(value) == text
