"""What may be said of a layer: on the command line, in a file, by the decorator, in Python."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

import gradcheck
from gradcheck import check_layer, check_module
from gradcheck.assumptions import CONVENTIONS, assumption_from, assumptions_from
from gradcheck.cli import main
from gradcheck.configuration import find_configuration
from gradcheck.conventions import callables
from gradcheck.conventions.autodiff import NAME as AUTODIFF
from gradcheck.conventions.candidates import CLASS_CONVENTIONS, FUNCTION_CONVENTIONS
from gradcheck.errors import UsageError

BY_THE_BATCH = """
import numpy as np
class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, dout):
        self.dW = self.x.T @ dout / len(dout)
        self.db = dout.mean(axis=0)
        return dout @ self.W.T
"""


@pytest.fixture
def layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "layers_of_mine.py"
    path.write_text(BY_THE_BATCH, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["gradcheck", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    return int(stop.value.code or 0)


def test_a_rule_of_the_course_is_a_fault_until_it_is_assumed(layers: Path, monkeypatch) -> None:
    assert run(monkeypatch, "check", layers.name, "--examples", "20") == 1
    options = ("--examples", "20", "--assume", "grad_reduction=mean")
    assert run(monkeypatch, "check", layers.name, *options) == 0
    options = ("--examples", "20", "--assume", "Affine:grad_reduction=mean")
    assert run(monkeypatch, "check", layers.name, *options) == 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("gradcheck.toml", '[assume]\ngrad_reduction = "mean"\n'),
        ("gradcheck.toml", '[layers.Affine]\ngrad_reduction = "mean"\n'),
        ("pyproject.toml", '[tool.gradcheck.assume]\ngrad_reduction = "mean"\n'),
    ],
)
def test_a_file_says_the_same(layers: Path, monkeypatch, name: str, text: str) -> None:
    layers.with_name(name).write_text(text, encoding="utf-8")
    assert run(monkeypatch, "check", layers.name, "--examples", "20") == 0


def test_the_file_is_found_above_the_folder_but_never_in_a_hand_in(layers, monkeypatch) -> None:
    below = layers.parent / "a" / "b"
    below.mkdir(parents=True)
    (layers.parent / "a" / "gradcheck.toml").write_text("examples = 7\n", encoding="utf-8")
    assert find_configuration(below).settings == {"examples": 7}
    assert run(monkeypatch, "check", layers.name, "--examples", "20") == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[layers]\nAffine = "affine"\n', "[layers.Affine] is 'affine', expected a table"),
        ("layers = 3\n", "[layers] is 3, expected a table"),
        ('assume = "x"\n', "[assume] is 'x', expected a table"),
        ('examples = "many"\n', "'many' is no whole number"),
        ('[assume]\nkidn = "affine"\n', "did you mean 'kind'?"),
        ("exampels = 3\n", "did you mean 'examples'?"),
        ("examples = \n", "not TOML"),
    ],
)
def test_a_mistake_in_the_file_is_one_line(layers, monkeypatch, capsys, text, told) -> None:
    layers.with_name("gradcheck.toml").write_text(text, encoding="utf-8")
    assert run(monkeypatch, "check", layers.name) == 2
    said = capsys.readouterr().err
    assert told in said
    assert "Traceback" not in said
    assert "gradcheck.toml" in said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kind", "expected NAME=VALUE"),
        ("kind=afine", "did you mean 'affine'?"),
        ("convention=functionpair", "did you mean 'function-pair'?"),
        ("layout=HWC", "known are NCHW, NHWC"),
        ("Afine:kind=affine", "did you mean 'Affine'?"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_line(layers, monkeypatch, capsys, text, told) -> None:
    assert run(monkeypatch, "check", layers.name, "--examples", "5", "--assume", text) == 2
    said = capsys.readouterr().err
    assert told in said
    assert "Traceback" not in said


def test_a_kind_that_does_not_fit_is_told(layers: Path) -> None:
    (subject,) = check_module(layers, examples=5, assume={"kind": "layer-norm"}).subjects
    assert [one.check for one in subject.faults] == ["layer-unusable"]
    assert "'layer-norm', which was assumed" in subject.faults[0].detail


def test_the_replay_line_assumes_the_same(layers: Path, monkeypatch, capsys) -> None:
    wrong = BY_THE_BATCH.replace("dout.mean(axis=0)", "dout.sum(axis=0)")
    layers.write_text(wrong, encoding="utf-8")
    settings = {"assume": {"grad_reduction": "mean"}, "examples": 20}
    (subject,) = check_module(layers, **settings).subjects
    replay = subject.faults[0].replay
    assert "--assume grad_reduction=mean" in replay
    assert run(monkeypatch, *shlex.split(replay)[1:]) == 1


def test_the_decorator_says_it_beside_the_layer() -> None:
    namespace: dict[str, type] = {}
    exec(BY_THE_BATCH, namespace)
    marked = gradcheck.assume(grad_reduction="mean")(namespace["Affine"])
    assert check_layer(marked, examples=20).verdict == "pass"


def test_arguments_of_the_constructor_are_plain_values() -> None:
    assert assumption_from("arguments.stride=2") == {"arguments": {"stride": 2}}
    assert assumption_from("arguments.mode=same") == {"arguments": {"mode": "same"}}
    with pytest.raises(UsageError, match="is no text"):
        assumptions_from({"kind": 3})


def test_every_convention_can_be_assumed() -> None:
    rooms = (*CLASS_CONVENTIONS, *FUNCTION_CONVENTIONS)
    assert {one.NAME for one in rooms} | {AUTODIFF} == set(CONVENTIONS)
    assert callables.NAME not in CONVENTIONS  # two functions in Python need no name
