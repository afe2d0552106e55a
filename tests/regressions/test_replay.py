"""``gradcheck replay``: exactly one case, step by step, with an exit code that says how it went."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest

import gradcheck
from gradcheck import check_module, replay_case
from gradcheck.errors import UsageError
from gradcheck.regressions.array_text import array_lines
from gradcheck.regressions.replaying import replay_in
from gradcheck.regressions.store import read_regression, saved_in
from tests.conventions.expected import STYLES
from tests.regressions.layers_of_mine import RIGHT, RIGHT_PAIR, WRONG, WRONG_PAIR

STEPS = (
    "1. inputs",
    "2. forward gives",
    "3. upstream gradient",
    "4. backward gives (analytic)",
    "5. numerical gradient (differences of forward)",
    "6. difference (analytic - numerical; * outside the error bound)",
    "7. verdict",
)


@pytest.fixture
def kept(here: Path) -> Path:
    (here / "mine.py").write_text(WRONG_PAIR, encoding="utf-8")
    check_module("mine.py", examples=12, save_regressions="regs")
    (file,) = (here / "regs").iterdir()
    return file.relative_to(here)


def test_a_case_that_fails_still_is_shown_step_by_step(run, kept: Path, capsys) -> None:
    assert run("replay", kept) == 1
    out = capsys.readouterr().out
    positions = [out.find(step) for step in STEPS]
    assert -1 not in positions
    assert positions == sorted(positions)
    assert "still fails" in out
    assert "affine_forward: db is wrong" in out
    shown = out[positions[4] : positions[5]]
    case = read_regression(kept).case
    right = sum(row[0] for row in case.upstream["y"].values)
    assert f"{right}" in shown.partition("db")[2]
    before, _, after = out[positions[5] + len(STEPS[5]) : positions[6]].partition("db")
    assert " *" in after
    assert " *" not in before


def test_a_case_that_passes_now_exits_with_0(run, here: Path, kept: Path, capsys) -> None:
    (here / "mine.py").write_text(RIGHT_PAIR, encoding="utf-8")
    assert run("replay", kept) == 0
    out = capsys.readouterr().out
    assert "passes now" in out
    assert " *" not in out.partition(STEPS[5])[2].partition("\n")[2]


def test_the_line_in_the_report_is_the_command(run, here: Path, kept: Path, capsys) -> None:
    assert run("check", "mine.py", "--save-regressions", "regs", "--examples", 3) == 1
    (line,) = (one for one in capsys.readouterr().out.splitlines() if one.startswith("  kept "))
    words = shlex.split(line)[1:]
    assert words == ["gradcheck", "replay", str(kept)]
    assert run(*words[1:]) == 1


def test_the_layer_may_be_elsewhere(run, here: Path, kept: Path, capsys) -> None:
    (here / "mine.py").rename(here / "moved.py")
    assert run("replay", kept) == 2
    assert "add --source TARGET" in capsys.readouterr().err
    assert run("replay", kept, "--source", "moved.py") == 1
    assert run("replay", kept, "--source", "moved.py::affine_forward") == 1
    assert run("replay", kept, "--source", "moved.py::nothing") == 2


def test_it_runs_from_another_folder(run, here: Path, kept: Path, monkeypatch) -> None:
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")
    assert run("replay", Path("..", kept)) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "not JSON"),
        ('{"schema": "gradcheck.regression/2"}', "reads 'gradcheck.regression/1'"),
        ("[]", "names no schema"),
    ],
)
def test_a_file_that_cannot_be_read_exits_with_2(
    run, here: Path, capsys, text: str, told: str
) -> None:
    (here / "a.json").write_text(text, encoding="utf-8")
    assert run("replay", "a.json") == 2
    err = capsys.readouterr().err
    assert told in err
    assert "Traceback" not in err
    assert run("replay", "missing.json") == 2


def test_a_layer_of_another_shape_exits_with_2(run, here: Path, kept: Path, capsys) -> None:
    (here / "mine.py").write_text(RIGHT.replace("Sigmoid", "affine_forward"), encoding="utf-8")
    assert run("replay", kept) == 2
    assert "the case cannot be run on it: it has the arrays x " in capsys.readouterr().err


def test_a_layer_that_raises_is_shown_where(run, here: Path, kept: Path, capsys) -> None:
    (here / "mine.py").write_text(
        WRONG_PAIR.replace("return dout @ w.T", "return dout @ missing"), encoding="utf-8"
    )
    assert run("replay", kept, "--source", "mine.py") == 1
    out = capsys.readouterr().out
    assert "raises NameError" in out
    assert "fails in another way" in out


@pytest.mark.parametrize(
    ("file", "symbol"),
    [
        ("layer_object_wrong", "Pooling"),
        ("layer_object_wrong", "BatchNormalization"),
        ("updating_wrong", "Dense"),
        ("autodiff_scalar_wrong", "Value.__add__"),
        ("dictionaries_wrong", "Dense"),
        ("explicit_inputs_wrong", "SigmoidLayer"),
    ],
)
def test_a_replay_finds_what_the_run_found(run, here: Path, file: str, symbol: str, capsys) -> None:
    shutil.copy(STYLES / f"{file}.py", here / "mine.py")
    report = check_module(
        "mine.py", symbols=[symbol], examples=12, shrink_seconds=0.2, save_regressions="regs"
    )
    headlines = {one.headline for one in report.subjects[0].faults}
    found, _ = saved_in("regs")
    assert {one.headline for _, one in found} == headlines
    for path, one in found:
        again = replay_in(f"mine.py::{symbol}", one)
        assert [fault.headline for fault in again.report.faults] == [one.headline]
        assert run("replay", path) == 1
        assert one.headline in capsys.readouterr().out


def test_replay_case_takes_arrays(here: Path) -> None:
    space: dict[str, type] = {}
    exec(WRONG, space)
    given = {"arrays": {"x": [[0.5]]}, "upstream": {"y": [[2.0]]}, "check": "GC101"}
    report = replay_case(space["Sigmoid"], **given)
    assert [one.check for one in report.findings] == ["input-gradient-wrong"]
    y = 1 / (1 + np.exp(-0.5))
    assert report.findings[0].numbers.analytic == pytest.approx(2 * y)
    assert report.findings[0].numbers.numeric == pytest.approx(2 * y * (1 - y))
    with pytest.raises(gradcheck.GradientCheckFailed, match="dx is wrong"):
        report.raise_if_failed()
    exec(RIGHT, space)
    replay_case(space["Sigmoid"], **given).raise_if_failed()


def test_only_the_fault_of_the_array_counts(here: Path) -> None:
    space: dict[str, type] = {}
    exec(WRONG_PAIR, space)
    arrays = {"x": [[0.5], [1.0]], "w": [[2.0]], "b": [1.0]}
    layer = (space["affine_forward"], space["affine_backward"])
    for array, verdict in (("db", "fail"), ("dw", "pass")):
        report = replay_case(layer, arrays, check="parameter-gradient-wrong", array=array)
        assert report.verdict == verdict


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"arrays": {"z": [[1.0]]}}, "it has the arrays z"),
        ({"check": "GC999"}, "no check 'GC999'"),
        ({"options": {"slope": 1}}, "the option 'slope'"),
    ],
)
def test_what_does_not_fit_is_told(here: Path, changed: dict[str, object], told: str) -> None:
    space: dict[str, type] = {}
    exec(WRONG, space)
    given: dict[str, object] = {"arrays": {"x": [[0.5]]}, "check": "GC101", **changed}
    with pytest.raises(UsageError, match=told):
        replay_case(space["Sigmoid"], **given)  # type: ignore[arg-type]


def test_arrays_are_aligned_at_the_point_and_cut_where_they_are_long() -> None:
    assert list(array_lines("x", np.array([[1.0, -22.5], [0.25, np.nan]]))) == [
        "x (2, 2)",
        "    1.0   -22.5",
        "    0.25  nan",
    ]
    assert list(array_lines("t", np.array([[[1], [20]]]))) == [
        "t (1, 2, 1)",
        "  [0, 0]   1",
        "  [0, 1]  20",
    ]
    assert list(array_lines("loss", np.array(0.5))) == ["loss = 0.5"]
    assert list(array_lines("x", np.zeros((0, 3)))) == ["x (0, 3)", "  (no elements)"]
    long = list(array_lines("x", np.zeros((40, 40))))
    assert len(long) == 26
    assert long[-1] == "  (1600 values in all)"
