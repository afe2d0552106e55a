"""What pytest makes of a verdict: results, reasons, JUnit's XML, the table, other plugins."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from gradcheck.pytest_plugin.summary import summary_lines
from tests.pytest.conftest import AFTER_A_WRONG_ONE, GRADIENT_CHECKS, RIGHT, TOML, WRONG

pytest_plugins = ["pytester"]
FAULTY = "gradcheck.toml::mine/layers.py::Sigmoid::input-gradient-wrong"


def test_a_stub_is_skipped_with_its_reason(project: Path, write, run) -> None:
    stub = RIGHT.replace("return dout * self.y * (1 - self.y)", "raise NotImplementedError")
    write("mine/layers.py", stub)
    result = run("-k", "Sigmoid", "-rs")
    assert result.parseoutcomes()["skipped"] == GRADIENT_CHECKS
    why = "not attempted: backward is still to be written"
    result.stdout.fnmatch_lines([f"SKIPPED ?{GRADIENT_CHECKS}? mine/layers.py:4: {why}"])


def test_what_nobody_can_decide_is_skipped_with_its_reason(project: Path, write, run) -> None:
    noisy = RIGHT.replace(
        "return self.y", "return self.y + np.random.default_rng().normal(size=x.shape)"
    )
    write("mine/layers.py", noisy)
    result = run("-k", "Sigmoid and input-gradient-wrong", "-rs")
    assert result.parseoutcomes()["skipped"] == 1
    result.stdout.fnmatch_lines(["SKIPPED*inconclusive: forward gives another answer every time"])


@pytest.mark.parametrize("chosen", ["Sigmoid", "Sigmoid and GC104"])
def test_a_layer_that_cannot_be_run_fails_once(project: Path, write, run, chosen: str) -> None:
    write("gradcheck.toml", TOML.replace("select = ['GC1']", ""))
    helpless = RIGHT.replace(
        "class Sigmoid:",
        "class Sigmoid:\n    def __init__(self, teacher): self.t = teacher.grade()",
    )
    write("mine/layers.py", helpless)
    result = run("-k", chosen, "-rs")
    outcomes = result.parseoutcomes()
    assert outcomes["failed"] == 1
    assert "passed" not in outcomes or chosen == "Sigmoid"
    result.stdout.fnmatch_lines(["Sigmoid could not be checked*"])


def test_a_layer_that_cannot_be_defined_is_not_passed_over(project: Path, write, run) -> None:
    write("mine/layers.py", RIGHT.replace("class Affine:", "class Affine:\n    eps = nowhere"))
    result = run()
    assert result.parseoutcomes() == {"failed": 1, "passed": GRADIENT_CHECKS}
    result.stdout.fnmatch_lines(
        [
            "Affine could not be checked *GC000 layer-unusable?",
            "  what *Affine could not be defined (NameError: *nowhere*",
            "FAILED gradcheck.toml::mine/layers.py::Affine::layer-unusable*",
        ]
    )
    write("test_mine.py", "import gradcheck\ntest_all = gradcheck.layer_tests('mine/layers.py')")
    assert run("test_mine.py", "-k", "Affine").parseoutcomes()["failed"] == 1


def test_a_misspelt_method_fails_its_own_item(project: Path, write, run) -> None:
    write("gradcheck.toml", TOML.replace("select = ['GC1']", ""))
    write("mine/layers.py", RIGHT.replace("def backward", "def bakward"))
    result = run("-k", "Sigmoid", "-rsf")
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(["SKIPPED*not run: *", "FAILED *::Sigmoid::method-misspelt*"])


def test_the_table_has_a_line_for_each_layer_and_faults_first(project, write, run) -> None:
    write("mine/layers.py", WRONG + RIGHT.partition("class Affine")[0].replace("Sigmoid", "Logit"))
    result = run("-k", "not Logit")
    lines = [" ".join(line.split()) for line in result.outlines]
    at = lines.index("layer verdict cases worst/bound resolution seconds failed")
    number = r"[\d.e+-]+"
    wrong = rf"mine/layers.py::Sigmoid FAIL 5 {number} (-|{number}) {number} input-gradient-wrong"
    assert re.fullmatch(wrong, lines[at + 1])
    assert re.fullmatch(rf"mine/layers.py::Affine pass 5 < 1 {number} {number}", lines[at + 2])
    assert lines[at + 3] == "2 layers: 1 fail, 1 pass; seed 0 (again: --gradcheck-seed 0)"
    worst = float(lines[at + 1].split()[3])
    assert worst > 1000


def test_remarks_are_told_below_the_table(project: Path, write, run) -> None:
    write("gradcheck.toml", TOML.replace("select = ['GC1']", "select = ['GC503']"))
    warns = RIGHT.replace("0.5 * (1 + np.tanh(x / 2))", "1 / (1 + np.exp(-x))")
    write("mine/layers.py", warns)
    result = run("--gradcheck-examples", "40")
    assert result.parseoutcomes() == {"passed": 2}
    result.stdout.fnmatch_lines(["remark: Sigmoid*overflow*"])


def test_a_long_table_is_cut_unless_all_of_it_is_asked_for() -> None:
    told = [
        [("gradcheck_layer", f"layer{number}"), ("gradcheck_verdict", "pass")]
        for number in range(50)
    ]
    told.append([("gradcheck_layer", "last"), ("gradcheck_verdict", "error")])
    lines = list(summary_lines(told))
    assert len(lines) == 1 + 40 + 1 + 1
    assert lines[1].startswith("last  ")
    assert lines[-2] == "... and 11 more (-v shows all)"
    assert len(list(summary_lines(told, whole=True))) == 1 + 51 + 1


def test_no_table_where_nobody_asked(project: Path, write, run) -> None:
    assert "worst/bound" not in run("-q").stdout.str()
    write("tests/test_other.py", "def test_other(): pass")
    assert "gradcheck" not in run("tests").stdout.str().partition("collected")[2]


def test_junit_has_items_messages_and_properties(project: Path, write, run) -> None:
    write("mine/layers.py", WRONG)
    run("--junitxml", "out.xml")
    cases = ET.parse(project / "out.xml").getroot().findall(".//testcase")
    assert len(cases) == 2 * GRADIENT_CHECKS
    (failed,) = [one for one in cases if one.find("failure") is not None]
    assert failed.get("name") == "input-gradient-wrong"
    assert str(failed.get("classname")).endswith("mine/layers.py.Sigmoid")
    failure = failed.find("failure")
    assert failure is not None
    assert str(failure.get("message")).startswith("Sigmoid: dx is wrong, ")
    assert "\n" not in str(failure.get("message"))
    assert "smallest case x = " in str(failure.text)
    told = {one.get("name"): one.get("value") for one in failed.iter("property")}
    assert told["gradcheck_layer"] == "mine/layers.py::Sigmoid"
    assert told["gradcheck_code"] == "GC101"
    assert told["gradcheck_cases"] == "5"
    assert float(str(told["gradcheck_worst"])) > 1000


def test_the_first_failure_may_stop_all(project: Path, write, run) -> None:
    write("mine/layers.py", WRONG)
    assert run("-x").parseoutcomes() == {"failed": 1}


def test_the_last_failures_are_run_again(project: Path, write, run) -> None:
    write("mine/layers.py", WRONG)
    run(cache=True)
    assert run("--lf", cache=True).parseoutcomes()["failed"] == 1
    write("mine/layers.py", RIGHT)
    result = run("--lf", "-v", cache=True)
    assert result.parseoutcomes()["passed"] == 1
    result.stdout.fnmatch_lines([f"{FAULTY} PASSED*"])


@pytest.mark.parametrize("mode", ["loadgroup", "load"])
def test_workers_agree_with_one_process(project, write, pytester, mode: str) -> None:
    pytest.importorskip("xdist")
    write("mine/layers.py", WRONG)
    result = pytester.runpytest_subprocess(
        *("-p", "no:cacheprovider", "-n", "2", "--dist", mode, "-v"),
        *("--gradcheck-profile", "dev", "--gradcheck-examples", "5", "--strict-markers"),
    )
    outcomes = result.parseoutcomes()
    assert (outcomes["failed"], outcomes["passed"]) == (
        1,
        2 * GRADIENT_CHECKS - 1 - AFTER_A_WRONG_ONE,
    )
    text = result.stdout.str()
    for layer in ("Sigmoid", "Affine") if mode == "loadgroup" else ():
        assert len(set(re.findall(rf"\[(gw\d)\] .*PASSED .*::{layer}::", text))) == 1
    result.stdout.fnmatch_lines(["Sigmoid: dx is wrong, *", "mine/layers.py::Sigmoid *FAIL*"])
    # One seed for all workers, though it is a fresh one.
    assert re.search(r"2 layers: 1 fail, 1 pass; profile dev, seed \d+ \(again: \S+ \d+\)\n", text)


@pytest.mark.parametrize(
    ("nodeid", "layer"),
    [
        ("gradcheck.toml::a/b.py::Affine::input-mutated", "gradcheck.toml::a/b.py::Affine"),
        ("x/pyproject.toml::a.b::f_forward::input-mutated", "x/pyproject.toml::a.b::f_forward"),
        ("test_a.py::test_b[Affine-input-mutated]", "test_a.py::test_b[Affine"),
        ("test_a.py::test_b[Value.__mul__-stale-cache]", "test_a.py::test_b[Value.__mul__"),
        ("test_a.py::test_b[Affine-no-check-of-ours]", ""),
        ("test_a.py::test_b[1-2]", ""),
        ("test_a.py::test_b", ""),
    ],
)
def test_the_checks_of_a_layer_are_one_group(nodeid: str, layer: str) -> None:
    pytest.importorskip("xdist")
    from gradcheck.pytest_plugin.scheduling import layer_of

    assert layer_of(nodeid) == layer


def test_a_hypothesis_folder_is_not_needed(project: Path, run) -> None:
    (project / ".hypothesis").write_text("a file, so that no folder can be made")
    assert "failed" not in run().parseoutcomes()
