"""Layers that a configuration names, without a line of test code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pytest.conftest import AFTER_A_WRONG_ONE, GRADIENT_CHECKS, RIGHT, TOML, WRONG

pytest_plugins = ["pytester"]
ITEM = "gradcheck.toml::mine/layers.py::Sigmoid::input-gradient-wrong"


def test_node_ids_name_file_module_layer_and_check(project: Path, run) -> None:
    result = run("--collect-only", "-q")
    assert result.ret == 0
    items = [line for line in result.outlines if "::" in line]
    assert ITEM in items
    assert len(items) == 2 * GRADIENT_CHECKS


@pytest.mark.parametrize(
    ("arguments", "passed"),
    [
        ((ITEM,), 1),
        (("gradcheck.toml::mine/layers.py::Affine",), GRADIENT_CHECKS),
        (("gradcheck.toml",), 2 * GRADIENT_CHECKS),
        (("-k", "Sigmoid and input-gradient-wrong"), 1),
        (("-k", "GC101"), 2),
        (("-m", "gradcheck and not nothing"), 2 * GRADIENT_CHECKS),
    ],
)
def test_items_are_chosen_as_any_others(project: Path, run, arguments, passed: int) -> None:
    assert run(*arguments).parseoutcomes()["passed"] == passed


def test_an_item_fails_for_its_layer_and_check_alone(project: Path, write, run) -> None:
    write("mine/layers.py", WRONG)
    result = run()
    assert result.ret == 1
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(
        [
            "*_ mine/layers.py::Sigmoid input-gradient-wrong _*",
            "Sigmoid: dx is wrong, *GC101 input-gradient-wrong*",
            "  smallest case x = *",
            "  replay        gradcheck check mine/layers.py::Sigmoid --select GC101 --examples 5",
            f"FAILED {ITEM}*",
        ]
    )


def test_only_what_pytest_looks_into_is_collected(project: Path, write, run) -> None:
    write("tests/test_other.py", "def test_other(): pass")
    assert run("tests").parseoutcomes() == {"passed": 1}
    assert run("tests", "--gradcheck").parseoutcomes() == {"passed": 1 + 2 * GRADIENT_CHECKS}
    assert run().parseoutcomes() == {"passed": 1 + 2 * GRADIENT_CHECKS}
    assert run("--gradcheck").parseoutcomes() == {"passed": 1 + 2 * GRADIENT_CHECKS}


def test_testpaths_decide_and_a_line_says_so(project: Path, write, run) -> None:
    write("tests/test_other.py", "def test_other(): pass")
    write("pytest.ini", "[pytest]\ntestpaths = tests\n")
    result = run()
    assert result.parseoutcomes() == {"passed": 1}
    result.stdout.fnmatch_lines(["gradcheck: gradcheck.toml is not among testpaths: *"])
    write("pytest.ini", "[pytest]\ntestpaths = tests gradcheck.toml\n")
    result = run()
    assert result.parseoutcomes() == {"passed": 1 + 2 * GRADIENT_CHECKS}
    result.stdout.no_fnmatch_line("gradcheck: *")


@pytest.mark.parametrize("off", [("--no-gradcheck",), ("-p", "no:gradcheck")])
def test_it_can_be_switched_off(project: Path, write, run, off: tuple[str, ...]) -> None:
    write("tests/test_other.py", "def test_other(): pass")
    assert run(*off).parseoutcomes() == {"passed": 1}


def test_pyproject_names_modules_too(project: Path, write, run) -> None:
    (project / "gradcheck.toml").unlink()
    write("pyproject.toml", "[tool.gradcheck]\n" + TOML)
    result = run("-v")
    assert result.parseoutcomes()["passed"] == 2 * GRADIENT_CHECKS
    result.stdout.fnmatch_lines(["pyproject.toml::mine/layers.py::Sigmoid::*PASSED*"])


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("modules = [", "gradcheck.toml: not TOML: *"),
        ("modules = 'mine'", "gradcheck.toml: modules = 'mine', expected a list: *"),
        ("modules = ['yours/*.py']", "gradcheck.toml: modules: 'yours/?.py' matches no file"),
        ("modules = ['yours.py']", "gradcheck.toml: modules: 'yours.py' is no file or folder *"),
        ("modules = ['yours']", "*no module named 'yours'*"),
        ("modul = ['mine']", "gradcheck.toml: unknown key 'modul'; did you mean 'modules'?*"),
        ("modules = ['mine']\nprofile = 'thoro'", "*no profile 'thoro'; did you mean 'thorough'?*"),
        ("modules = ['mine']\nselect = ['GC9X']", "*no check 'GC9X'*"),
        ("modules = ['mine/layers.py::Sigmod']", "*no layer 'Sigmod'; did you mean 'Sigmoid'?*"),
        ("modules = ['mine/__init__.py']", "mine/__init__.py: no layer found; *"),
        ("examples = 3", "gradcheck.toml: names no modules to check; add modules = *"),
    ],
)
def test_a_mistake_is_one_line(project: Path, write, run, toml: str, message: str) -> None:
    write("gradcheck.toml", toml)
    result = run("gradcheck.toml")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    lines = result.outlines
    start = next(n for n, line in enumerate(lines) if "ERROR collecting" in line)
    told = next(n for n, line in enumerate(lines) if "short test summary info" in line)
    assert told - start == 2, lines[start:told]
    result.stdout.fnmatch_lines([message])


def test_a_file_that_cannot_be_read_costs_only_itself(project: Path, write, run) -> None:
    write("mine/broken.py", "class Oops(:\n")
    result = run("--continue-on-collection-errors")
    assert result.parseoutcomes() == {"errors": 1, "passed": 2 * GRADIENT_CHECKS}
    result.stdout.fnmatch_lines(["mine/broken.py:1: Python cannot read this: *"])


def test_modules_are_files_folders_patterns_layers_and_import_paths(write, run) -> None:
    write("mine/layers.py", RIGHT)
    write("mine/__init__.py", "")
    for entry in ("mine", "mine/layers.py", "**/*.py", "mine.layers"):
        write("gradcheck.toml", TOML.replace("mine/*.py", entry))
        assert run("--co", "-q").ret == 0
    result = run("gradcheck.toml::mine.layers::Sigmoid")
    assert result.parseoutcomes()["passed"] == GRADIENT_CHECKS
    write("gradcheck.toml", TOML.replace("mine/*.py", "mine/layers.py::Sigmoid"))
    assert run().parseoutcomes()["passed"] == GRADIENT_CHECKS


def test_it_runs_from_any_folder(project: Path, write, run, monkeypatch) -> None:
    write("mine/layers.py", WRONG)
    monkeypatch.chdir(project / "mine")
    result = run("..", "--rootdir", "..")
    assert result.parseoutcomes()["failed"] == 1


def test_assumptions_and_waivers_of_the_file_hold(project: Path, write, run) -> None:
    write("mine/layers.py", WRONG)
    waiver = "[[waivers]]\nlayer = 'Sigmoid'\ncheck = 'GC101'\nreason = 'until week 5'\n"
    write("gradcheck.toml", TOML + waiver)
    result = run("-rx")
    assert result.parseoutcomes() == {
        "xfailed": 1,
        "passed": 2 * GRADIENT_CHECKS - 1 - AFTER_A_WRONG_ONE,
        "skipped": AFTER_A_WRONG_ONE,
    }
    result.stdout.fnmatch_lines(["*XFAIL*waived: until week 5*"])
    write("mine/layers.py", RIGHT)
    run().stdout.fnmatch_lines(["note: the waiver Sigmoid:GC101 matches nothing any more *"])


def test_conventions_that_cancel_are_seen_together(write, run) -> None:
    write("gradcheck.toml", TOML.replace("examples = 5", "examples = 6\nshrink_seconds = 0"))
    write(
        "mine/course.py",
        RIGHT.replace(
            "self.x.T @ dout, dout.sum(axis=0)",
            "self.x.T @ dout / len(self.x), dout.sum(axis=0) / len(self.x)",
        )
        + """
class SoftmaxCrossEntropy:
    def forward(self, x, t):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.p, self.t = e / e.sum(axis=1, keepdims=True), t
        return -np.log(self.p[np.arange(len(t)), t]).mean()
    def backward(self):
        dx = self.p.copy()
        dx[np.arange(len(self.t)), self.t] -= 1
        return dx
""",
    )
    assert "failed" not in run().parseoutcomes()
    # Alone, each of them is wrong.
    write("gradcheck.toml", "modules = ['mine/course.py::Affine']\nselect = ['GC1']\nexamples = 6")
    assert run().parseoutcomes()["failed"] == 1
