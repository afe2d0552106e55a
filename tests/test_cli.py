"""The command line as a user meets it: verdicts, exit codes, one clear message for each mistake."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gradcheck.cli import main

RIGHT = """
import numpy as np
class Sigmoid:
    def forward(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y
    def backward(self, dout):
        return dout * self.y * (1 - self.y)
"""
WRONG = RIGHT.replace("dout * self.y * (1 - self.y)", "dout * self.y")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["gradcheck", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        main()
    return int(stop.value.code or 0)


@pytest.fixture
def file(tmp_path: Path):
    def write(text: str, name: str = "layers_of_mine.py") -> Path:
        path = tmp_path / name
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
    words = finding["replay"].split()
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
    "import fails": ("import no_such_package_here\n" + RIGHT, "ModuleNotFoundError"),
    "exits at import": ("class A:\n    raise SystemExit(0)\n", "SystemExit"),
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


def test_a_folder_is_no_file(tmp_path, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "check", tmp_path) == 2
    assert "not a file" in capsys.readouterr().err


def test_an_unknown_layer_offers_the_nearest(file, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "check", f"{file(RIGHT)}::Sigmiod") == 2
    assert "did you mean 'Sigmoid'?" in capsys.readouterr().err


def test_an_unknown_check_offers_the_nearest(file, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "check", file(RIGHT), "--select", "input-mutatd") == 2
    assert "did you mean 'input-mutated'?" in capsys.readouterr().err


def test_a_constructor_that_cannot_be_satisfied_is_told(file, monkeypatch, capsys) -> None:
    text = RIGHT.replace("class Sigmoid:", "class Sigmoid:\n    def __init__(self, teacher): pass")
    assert run(monkeypatch, "check", file(text)) == 2
    out = capsys.readouterr()
    assert "'teacher'" in out.out
    assert "Traceback" not in out.out + out.err


def test_an_unusable_layer_does_not_hide_the_others(file, monkeypatch, capsys) -> None:
    text = RIGHT.replace("class Sigmoid:", "class Sigmoid:\n    def __init__(self, teacher): pass")
    assert run(monkeypatch, "check", file(text + WRONG.replace("Sigmoid", "Logistic"))) == 1
    out = capsys.readouterr().out
    assert "'teacher'" in out
    assert "input-gradient-wrong" in out


def test_a_wrong_option_is_a_usage_error(monkeypatch, capsys) -> None:
    assert run(monkeypatch, "check", "x.py", "--exampels", "3") == 2
    assert "--examples" in capsys.readouterr().err


def test_our_own_fault_is_exit_3_and_not_the_layers(file, monkeypatch, capsys) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("gradcheck.api.check_module", broken)
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
