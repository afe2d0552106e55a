"""The command line as a user meets it: verdicts, exit codes, one clear message for each mistake."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gradcheck.cli import main

RIGHT = """
import numpy as np
class Sigmoid:
    def forward(self, x):
        self.y = 0.5 * (1 + np.tanh(x / 2))
        return self.y
    def backward(self, dout):
        return dout * self.y * (1 - self.y)
"""
WRONG = RIGHT.replace("dout * self.y * (1 - self.y)", "dout * self.y")


UNSATISFIABLE = "class Sigmoid:\n    def __init__(self, teacher): self.grade = teacher.grade(3)"
STUB = RIGHT.replace("return dout * self.y * (1 - self.y)", "raise NotImplementedError")


def flat(text: str) -> str:
    """Return a folded text on one line."""
    return " ".join(text.split())


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["gradcheck", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        main()
    return int(stop.value.code or 0)


@pytest.fixture
def file(tmp_path: Path):
    def write(text: str, name: str = "layers_of_mine.py") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_right_layer_exits_with_0(file, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "check", file(RIGHT)) == 0
    assert "Sigmoid" in capsys.readouterr().out


def test_a_wrong_layer_exits_with_1_and_says_where(file, monkeypatch, capsys) -> None:
    path = file(WRONG)
    assert run(monkeypatch, "check", path) == 1
    out = capsys.readouterr().out
    for part in ("input-gradient-wrong (GC101)", "smallest case", "replay", f"{path}::Sigmoid"):
        assert part in out


def test_the_replay_line_repeats_the_finding(file, monkeypatch, capsys) -> None:
    run(monkeypatch, "check", file(WRONG), "--json")
    (finding,) = json.loads(capsys.readouterr().out)["subjects"][0]["findings"]
    words = shlex.split(finding["replay"])
    assert run(monkeypatch, *words[1:], "--json") == 1
    (again,) = json.loads(capsys.readouterr().out)["subjects"][0]["findings"]
    assert again == finding


def test_json_goes_to_a_file_beside_the_report(file, monkeypatch, capsys, tmp_path) -> None:
    target = tmp_path / "report.json"
    assert run(monkeypatch, "check", file(WRONG), "--json", target) == 1
    report = json.loads(target.read_text())
    assert (report["schema"], report["verdict"]) == ("gradcheck.report/1", "fail")
    assert "WRONG" in capsys.readouterr().out


def test_one_layer_of_a_file(file, monkeypatch, capsys) -> None:
    path = file(RIGHT + WRONG.replace("Sigmoid", "Logistic"))
    assert run(monkeypatch, "check", f"{path}::Sigmoid") == 0
    assert "Logistic" not in capsys.readouterr().out


MISTAKES = {
    "no such file": (None, "no such file"),
    "syntax error": ("class A:\n    def forward(self x): pass\n", ":2: Python cannot read this"),
    "no layer": ("class Optimizer:\n    def step(self): pass\n", "no layer found"),
    "no class": ("x = 1\n", "it defines no class"),
    "no class runs": ("class A:\n    raise SystemExit(0)\n", "line 2: A could not be defined"),
    "no text": ("\x00\x01", "cannot read this"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_bad_input_gives_one_message_and_exit_2(name, file, monkeypatch, capsys, tmp_path) -> None:
    text, expected = MISTAKES[name]
    path = file(text) if text is not None else tmp_path / "absent.py"
    assert run(monkeypatch, "check", path) == 2
    err = capsys.readouterr().err
    assert expected in err
    assert str(path) in err
    assert "Traceback" not in err


def test_a_missing_package_does_not_stop_the_layers(file, monkeypatch, capsys) -> None:
    path = file("import no_such_package_here\n" + RIGHT)
    assert run(monkeypatch, "check", path) == 0
    out = flat(capsys.readouterr().out)
    assert f"Notes {path}: no_such_package_here is not installed" in out


def test_a_folder_is_read_file_by_file(file, monkeypatch, capsys, tmp_path) -> None:
    right, wrong = file(RIGHT, "right.py"), file(WRONG, "wrong.py")
    broken = file("class (\n", "broken.py")
    assert run(monkeypatch, "check", tmp_path) == 1
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert lines.index(str(right)) < lines.index(str(wrong))
    assert f"{wrong}::Sigmoid --select" in out
    assert f"{broken}: not read, line 1: Python cannot read this" in flat(out)


def test_an_empty_folder_says_so(tmp_path, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "check", tmp_path) == 2
    assert "no .py file and no notebook" in capsys.readouterr().err


def test_an_archive_and_one_of_its_files(file, monkeypatch, capsys, tmp_path) -> None:
    folder = file(WRONG, "week 1/wrong.py").parent.parent
    archive = shutil.make_archive(str(tmp_path.parent / "hand_in"), "zip", folder)
    assert run(monkeypatch, "check", archive, "--json") == 1
    (finding,) = json.loads(capsys.readouterr().out)["subjects"][0]["findings"]
    words = shlex.split(finding["replay"])
    assert words[2] == str(Path(archive, "week 1", "wrong.py")) + "::Sigmoid"
    assert run(monkeypatch, *words[1:], "--json") == 1
    (again,) = json.loads(capsys.readouterr().out)["subjects"][0]["findings"]
    assert again == finding


def test_a_file_that_is_not_in_the_archive(file, monkeypatch, capsys, tmp_path) -> None:
    folder = file(RIGHT, "hand_in/layers.py").parent
    archive = shutil.make_archive(str(tmp_path / "hand_in"), "gztar", folder)
    assert run(monkeypatch, "check", Path(archive, "layer.py")) == 2
    assert "did you mean" in capsys.readouterr().err


def test_a_notebook_is_told_with_cell_and_line(file, monkeypatch, capsys) -> None:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "# Week 1"},
        {
            "cell_type": "code",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": "%matplotlib inline" + RIGHT,
        },
    ]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    assert run(monkeypatch, "check", file(json.dumps(notebook), "week.ipynb")) == 0
    assert "Sigmoid  cell 2, line 3  right" in capsys.readouterr().out


@pytest.mark.parametrize("written", ["{0}:Sigmoid", "{0}::Sigmoid", "{0}"])
def test_an_import_path(written, file, monkeypatch, capsys, tmp_path) -> None:
    name = f"imported_{abs(hash(written))}"
    file(RIGHT, f"{name}.py")
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "check", written.format(name)) == 0
    assert "Sigmoid" in capsys.readouterr().out
    del sys.modules[name]


def test_everything_runs_when_asked(file, monkeypatch, capsys) -> None:
    script = "FACTORS = {}\nfor i in range(1):\n    FACTORS[i] = 1.0\n"
    path = file(script + WRONG.replace("dout * self.y", "FACTORS[0] * dout * self.y"))
    assert run(monkeypatch, "check", path, "--run-module", "--json") == 1
    (finding,) = json.loads(capsys.readouterr().out)["subjects"][0]["findings"]
    assert finding["check"] == "input-gradient-wrong"
    assert finding["replay"].endswith(" --run-module")


def test_an_unknown_layer_offers_the_nearest(file, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "check", f"{file(RIGHT)}::Sigmiod") == 2
    assert "did you mean 'Sigmoid'?" in capsys.readouterr().err


def test_an_unknown_check_offers_the_nearest(file, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "check", file(RIGHT), "--select", "input-mutatd") == 2
    assert "did you mean 'input-mutated'?" in capsys.readouterr().err


def test_a_constructor_that_cannot_be_satisfied_is_told(file, monkeypatch, capsys) -> None:
    text = RIGHT.replace("class Sigmoid:", UNSATISFIABLE)
    assert run(monkeypatch, "check", file(text)) == 2
    out = capsys.readouterr()
    assert "'grade'" in out.out
    assert "Traceback" not in out.out + out.err


def test_an_unusable_layer_does_not_hide_the_others(file, monkeypatch, capsys) -> None:
    text = RIGHT.replace("class Sigmoid:", UNSATISFIABLE)
    assert run(monkeypatch, "check", file(text + WRONG.replace("Sigmoid", "Logistic"))) == 1
    out = capsys.readouterr().out
    assert "'grade'" in out
    assert "input-gradient-wrong" in out


def test_a_wrong_option_is_a_usage_error(monkeypatch, capsys) -> None:
    assert run(monkeypatch, "check", "x.py", "--exampels", "3") == 2
    assert "--examples" in capsys.readouterr().err


def test_our_own_fault_is_exit_3_and_not_the_layers(file, monkeypatch, capsys) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("gradcheck.modules.check_module", broken)
    assert run(monkeypatch, "check", file(RIGHT)) == 3
    assert "a fault of gradcheck" in capsys.readouterr().err


def test_explain_by_name_and_code(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["gradcheck", "explain", "gc402"])
    main()
    by_code = capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["gradcheck", "explain", "upstream-mutated"])
    main()
    assert capsys.readouterr().out == by_code
    assert "How to repair it" in by_code


def test_script_at_the_top_level_does_not_run(file, monkeypatch, capsys) -> None:
    text = RIGHT + "\nprint('side effect')\ninput('name? ')\nraise RuntimeError('no')\n"
    assert run(monkeypatch, "check", file(text)) == 0
    assert "side effect" not in capsys.readouterr().out


def test_strict_fails_what_is_only_remarked(file, monkeypatch) -> None:
    text = """
import numpy as np
class SoftmaxWithLoss:
    def forward(self, x, t):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.y, self.t = e / e.sum(axis=1, keepdims=True), t
        return -np.log(self.y[np.arange(len(t)), t] + 1e-7).mean()
    def backward(self, dout=1):
        dx = self.y.copy()
        dx[np.arange(len(self.t)), self.t] -= 1
        return dout * dx / len(self.t)
"""
    path = file(text)
    assert run(monkeypatch, "check", path) == 0
    assert run(monkeypatch, "check", path, "--strict") == 1


def test_as_a_module_and_in_a_pipe(file) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gradcheck", "check", str(file(WRONG))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "\x1b[" not in done.stdout
    assert done.stderr == ""


def test_a_stub_is_not_attempted_and_no_failure(file, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "check", file(STUB)) == 0
    out = capsys.readouterr().out
    assert "  -  Sigmoid  line 3  not attempted  backward is still to be written\n" in out
    assert "Read as" not in out


def test_a_stub_does_not_make_an_unusable_layer_a_finding(file, monkeypatch) -> None:
    unusable = RIGHT.replace("class Sigmoid:", UNSATISFIABLE)
    assert run(monkeypatch, "check", file(unusable + STUB.replace("Sigmoid", "Tanh"))) == 2


def test_what_was_passed_over_is_told_in_a_few_lines(file, monkeypatch, capsys) -> None:
    path = file(RIGHT + "".join(f"class Helper{i}: pass\n" for i in range(11)))
    assert run(monkeypatch, "check", path) == 0
    out = capsys.readouterr().out
    assert out.count("Helper") == 8
    assert f"  ... and 3 more: gradcheck list {path}\n" in out


def test_layers_of_several_files_with_the_same_names(file, monkeypatch, capsys) -> None:
    text = RIGHT + "class Helper: pass\n"
    first, second = file(text, "first.py"), file(text, "second.py")
    assert run(monkeypatch, "check", first, second, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert [one["source"] for one in report["subjects"]] == [str(first), str(second)]
    assert list(report["passed_over"]) == [f"{first}::Helper", f"{second}::Helper"]


def test_a_layer_that_is_read_in_another_way_is_told(file, monkeypatch, capsys) -> None:
    text = """
import numpy as np
def tanh_forward(x):
    out = np.tanh(x)
    return out, out
def tanh_backward(dout, cache):
    return dout * (1 - cache**2)
"""
    path = file(text)
    assert run(monkeypatch, "check", f"{path}::tanh_forward") == 0
    assert "Read as tanh_forward: functions tanh_forward" in flat(capsys.readouterr().out)


def test_a_name_that_could_not_be_defined_says_why(file, monkeypatch, capsys) -> None:
    path = file("class Affine:\n    width = 1 / 0\n" + RIGHT)
    assert run(monkeypatch, "check", f"{path}::Affine") == 2
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["check", "list"])
@pytest.mark.parametrize("json", [(), ("--json",)])
def test_names_that_the_screen_cannot_show_are_escaped(command, json, tmp_path) -> None:
    path = tmp_path / "\u00fcbung.py"
    path.write_text(RIGHT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "gradcheck", command, str(path), *json],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Sigmoid" in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text there")
def test_a_name_that_is_no_text_at_all(tmp_path, monkeypatch, capsys) -> None:
    path = os.path.join(os.fsencode(tmp_path), b"\xff.py")
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(RIGHT)
    for command in ("check", "list"):
        assert run(monkeypatch, command, os.fsdecode(path), "--json") == 0
        assert "udcff" in capsys.readouterr().out


def test_a_known_mistake_is_explained_by_its_name(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["gradcheck", "explain", "square-missing"])
    main()
    told = capsys.readouterr().out
    assert "square-missing (tanh)" in told
    assert "repair: dx = dout * (1 - y**2)." in told


def test_a_check_is_explained_before_a_mistake_of_the_same_name(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["gradcheck", "explain", "upstream-ignored"])
    main()
    assert capsys.readouterr().out.startswith("upstream-ignored (GC201), certain, stable")


def test_waivers_and_settings_come_from_the_file_and_the_command_line(
    file, monkeypatch, capsys, tmp_path
) -> None:
    config = tmp_path / "gradcheck.toml"
    config.write_text(
        '[[waivers]]\nlayer = "Sig*"\ncheck = "GC1"\nreason = "until week 5"\n', "utf-8"
    )
    assert run(monkeypatch, "check", file(WRONG), "--config", config) == 0
    assert "waived: until week 5" in flat(capsys.readouterr().out)
    arguments = ("--config", config, "--waive", "Sigmoid:GC4=old")
    assert run(monkeypatch, "check", file(WRONG), *arguments) == 0
    assert "the waiver Sigmoid:GC4 matches nothing any more (old)" in flat(capsys.readouterr().out)


def test_a_waiver_in_the_file_without_a_reason_is_a_mistake(
    file, monkeypatch, capsys, tmp_path
) -> None:
    config = tmp_path / "gradcheck.toml"
    config.write_text('[[waivers]]\nlayer = "Sig*"\ncheck = "GC1"\n', "utf-8")
    assert run(monkeypatch, "check", file(WRONG), "--config", config) == 2
    assert "no reason" in capsys.readouterr().err


def test_the_self_test_needs_no_target(monkeypatch, capsys) -> None:
    assert run(monkeypatch, "check", "--self-test") == 0
    assert "self-test: 4 right layers pass, 4 wrong ones fail" in capsys.readouterr().out


def test_hints_keep_the_answer_out_of_the_json_too(file, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "check", file(WRONG), "--hints", "none", "--json") == 1
    (finding,) = json.loads(capsys.readouterr().out)["subjects"][0]["findings"]
    assert finding["headline"] == "Sigmoid: dx is wrong"
    assert not finding["case"]
    assert "diagnosis" not in finding or finding["diagnosis"] is None
