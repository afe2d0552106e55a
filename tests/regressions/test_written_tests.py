"""``--write-test``: the module fails now, with the same finding, and passes once it is mended."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from msgspec.structs import replace

from gradcheck.regressions.pytest_module import write_tests
from tests.conventions.expected import STYLES
from tests.regressions.layers_of_mine import (
    RIGHT,
    RIGHT_LOSS,
    RIGHT_PAIR,
    WRONG,
    WRONG_LOSS,
    WRONG_PAIR,
)
from tests.regressions.test_record import regression

pytest_plugins = ["pytester"]


@pytest.fixture
def here(pytester: pytest.Pytester) -> Path:
    (pytester.path / "src").mkdir()
    (pytester.path / "tests").mkdir()
    (pytester.path / "gradcheck.toml").write_text("shrink_seconds = 0.2\n")  # small enough here
    return pytester.path


@pytest.fixture
def suite(pytester: pytest.Pytester):
    def run_suite(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", "tests", *arguments)

    return run_suite


@pytest.mark.parametrize(
    ("wrong", "right", "headline", "called"),
    [
        (
            WRONG_PAIR,
            RIGHT_PAIR,
            "affine_forward: db is wrong, ",
            "(module.affine_forward, module.affine_backward),",
        ),
        (WRONG_LOSS, RIGHT_LOSS, "softmax_loss: dx is wrong, ", "module.softmax_loss,"),
    ],
    ids=["pair", "loss"],
)
def test_it_fails_now_with_the_same_finding_and_passes_once_mended(
    here: Path, run, suite, capsys, wrong: str, right: str, headline: str, called: str
) -> None:
    source = here / "src" / "mine.py"
    source.write_text(wrong, encoding="utf-8")
    options = ("--examples", 12, "--write-test", "tests/test_found.py")
    assert run("check", "src/mine.py", *options) == 1
    captured = capsys.readouterr()
    (told,) = (line for line in captured.out.splitlines() if line.startswith(headline))
    assert "tests/test_found.py: 1 of 1 tests added" in captured.err
    text = (here / "tests" / "test_found.py").read_text(encoding="utf-8")
    assert called in text
    assert 'imported("../src/mine.py")' in text

    failed = suite()
    failed.assert_outcomes(failed=1)
    said = told.rpartition("  ")[0].strip()
    failed.stdout.fnmatch_lines([f"*GradientCheckFailed: {said}*GC10*"])
    assert "runner.py" not in failed.stdout.str()

    source.write_text(right, encoding="utf-8")
    suite().assert_outcomes(passed=1)
    assert (here / "tests" / "test_found.py").read_text(encoding="utf-8") == text


def test_an_operation_is_named_as_on_the_command_line(here: Path, run, suite) -> None:
    shutil.copy(STYLES / "autodiff_scalar_wrong.py", here / "src" / "engine.py")
    target = "src/engine.py::Value.__add__"
    run("check", target, "--examples", 6, "--write-test", "tests/test_found.py")
    text = (here / "tests" / "test_found.py").read_text(encoding="utf-8")
    assert 'str((HERE / "../src/engine.py").resolve()) + "::Value.__add__"' in text
    count = text.count("def test_")
    suite().assert_outcomes(failed=count)
    shutil.copy(STYLES / "autodiff_scalar.py", here / "src" / "engine.py")
    suite().assert_outcomes(passed=count)


def test_a_notebook_and_an_archive_are_named_as_on_the_command_line(here: Path, run, suite) -> None:
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": WRONG}
    notebook = {"cells": [{**cell, "execution_count": None}], "metadata": {}}
    (here / "src" / "mine.ipynb").write_text(
        json.dumps({**notebook, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8"
    )
    with zipfile.ZipFile(here / "src" / "mine.zip", "w") as archive:
        archive.writestr("pair.py", WRONG_PAIR)
    options = ("--examples", 6, "--write-test", "tests/test_found.py")
    run("check", "src/mine.ipynb", "src/mine.zip", *options, "--save-regressions", "regs")
    text = (here / "tests" / "test_found.py").read_text(encoding="utf-8")
    assert 'str((HERE / "../src/mine.ipynb").resolve()) + "::Sigmoid"' in text
    assert '(HERE / "../src/mine.zip/pair.py").resolve()) + "::affine_forward"' in text
    failed = suite()
    failed.assert_outcomes(failed=2)
    failed.stdout.fnmatch_lines(
        ["*Failed: Sigmoid: dx is wrong*", "*Failed: affine_forward: db is wrong*"]
    )
    for file in (here / "regs").iterdir():
        assert run("replay", file) == 1


def test_a_module_of_a_package_goes_by_its_full_name(here: Path, run, suite) -> None:
    package = here / "src" / "network"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "slopes.py").write_text("def wrong(y):\n    return y\n", encoding="utf-8")
    text = WRONG.replace("import numpy", "from .slopes import wrong\nimport numpy")
    (package / "mine.py").write_text(text.replace("dout * self.y", "dout * wrong(self.y)"), "utf-8")
    run("check", "src/network/mine.py", "--examples", 6, "--write-test", "tests/test_found.py")
    failed = suite()
    failed.assert_outcomes(failed=1)
    failed.stdout.fnmatch_lines(["*GradientCheckFailed: Sigmoid: dx is wrong*"])


def test_an_import_path_is_imported(here: Path, run, suite, monkeypatch) -> None:
    (here / "mine_by_name.py").write_text(WRONG, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(here), prepend=":")
    run("check", "mine_by_name", "--examples", 6, "--write-test", "tests/test_found.py")
    text = (here / "tests" / "test_found.py").read_text(encoding="utf-8")
    assert 'importlib.import_module("mine_by_name")' in text
    failed = suite()
    failed.assert_outcomes(failed=1)
    failed.stdout.fnmatch_lines(["*GradientCheckFailed: Sigmoid: dx is wrong*"])


def test_another_run_adds_what_is_new_and_leaves_the_rest(here: Path, run, suite, capsys) -> None:
    file = here / "tests" / "test_found.py"
    (here / "src" / "mine.py").write_text(WRONG, encoding="utf-8")
    (here / "src" / "pair.py").write_text(WRONG_PAIR, encoding="utf-8")
    options = ("--examples", 12, "--write-test", "tests/test_found.py")
    run("check", "src/mine.py", *options)
    edited = file.read_text(encoding="utf-8").replace(
        "    report.raise_if_failed()\n", "    # seen in review\n    report.raise_if_failed()\n"
    )
    file.write_text(edited, encoding="utf-8")
    run("check", "src/mine.py", "src/pair.py", *options)
    assert "1 of 2 tests added" in capsys.readouterr().err
    text = file.read_text(encoding="utf-8")
    assert text.startswith(edited)
    suite().assert_outcomes(failed=2)
    (here / "src" / "mine.py").write_text(RIGHT, encoding="utf-8")
    run("check", "src", *options)
    assert file.read_text(encoding="utf-8") == text
    suite().assert_outcomes(failed=1, passed=1)


def test_another_case_of_a_known_fault_gets_a_name_of_its_own(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    first = regression()
    second = replace(first, case=replace(first.case, seed=4))
    name = "test_Affine_parameter_gradient_wrong_dW"
    assert write_tests("test_x.py", [first]) == [name]
    assert write_tests("test_x.py", [second, first]) == [f"{name}_2"]
    assert write_tests("test_x.py", [second, first]) == []


def test_a_file_of_somebody_else_is_never_overwritten(here: Path, run, capsys) -> None:
    (here / "src" / "mine.py").write_text(WRONG, encoding="utf-8")
    mine = here / "tests" / "test_mine.py"
    mine.write_text("def test_mine(): pass\n", encoding="utf-8")
    assert run("check", "src/mine.py", "--write-test", "tests/test_mine.py") == 2
    err = capsys.readouterr().err
    assert "test_mine.py: not written by gradcheck, so it is left as it is" in err
    assert mine.read_text(encoding="utf-8") == "def test_mine(): pass\n"


@pytest.mark.parametrize(
    ("path", "told"),
    [("nowhere/test_x.py", "there is no folder 'nowhere'"), ("tests", "cannot be read")],
)
def test_a_place_that_cannot_be_written_is_told_before_anything_runs(
    here: Path, run, capsys, path: str, told: str
) -> None:
    (here / "src" / "mine.py").write_text(WRONG, encoding="utf-8")
    assert run("check", "src/mine.py", "--write-test", path) == 2
    captured = capsys.readouterr()
    assert told in captured.err
    assert captured.out == ""


def test_a_broken_file_of_ours_is_told(here: Path, run, capsys) -> None:
    (here / "src" / "mine.py").write_text(WRONG, encoding="utf-8")
    run("check", "src/mine.py", "--examples", 6, "--write-test", "tests/test_found.py")
    file = here / "tests" / "test_found.py"
    file.write_text(file.read_text(encoding="utf-8") + "def (", encoding="utf-8")
    assert run("check", "src/mine.py", "--examples", 6, "--write-test", str(file)) == 2
    assert "no longer Python" in capsys.readouterr().err


def test_a_right_layer_writes_nothing(here: Path, run, capsys) -> None:
    (here / "src" / "mine.py").write_text(RIGHT, encoding="utf-8")
    assert run("check", "src/mine.py", "--write-test", "tests/test_found.py") == 0
    assert "0 of 0 tests added" in capsys.readouterr().err
    assert not (here / "tests" / "test_found.py").exists()
