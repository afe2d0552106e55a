"""``gradcheck snapshot`` and ``gradcheck compare`` as a user meets them, in several conventions."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from gradcheck.baseline.store import read_baseline
from gradcheck.cli import main

ROOT = Path(__file__).parents[2]
STYLES = ROOT / "tests" / "conventions" / "styles"

# file, layer, a line of it, the line changed, the arrays that change in the layer's own words
EDITS = {
    "layer_object": (
        "Affine",
        "self.db = np.sum(dout, axis=0)",
        "self.db = np.sum(dout, axis=0) * (1 + 1e-9)",
        {"db"},
    ),
    "function_pair": (
        "batchnorm_forward",
        'eps = bn_param.get("eps", 1e-5)',
        'eps = bn_param.get("eps", 1e-6)',
        {"the output", "dx", "dgamma"},
    ),
    "dictionaries": (
        "LinearModule",
        'self.grads["bias"] = dout.sum(axis=0, keepdims=True)',
        'self.grads["bias"] = dout.mean(axis=0, keepdims=True)',
        {"gradient of bias"},
    ),
    "updating": (
        "Dense",
        "self.bias -= learning_rate * output_gradient",
        "self.bias -= 2 * learning_rate * output_gradient",
        {"dbias"},
    ),
}


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["gradcheck", *map(str, arguments)])
    try:
        main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def recorded(name: str, here: Path, monkeypatch: pytest.MonkeyPatch, *options: object) -> Path:
    path = here / f"{name}.py"
    shutil.copy(STYLES / path.name, path)
    assert run(monkeypatch, "snapshot", path.name, "--examples", 8, *options) == 0
    return path


@pytest.mark.parametrize("name", sorted(EDITS))
def test_a_changed_line_is_told_in_the_words_of_its_file(
    name: str, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    layer, old, new, arrays = EDITS[name]
    path = recorded(name, here, monkeypatch)
    assert "layers recorded" in capsys.readouterr().out
    assert run(monkeypatch, "compare", "gradcheck.baseline.json") == 0
    told = capsys.readouterr()
    assert "CHANGED" not in told.out
    assert told.err == ""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert run(monkeypatch, "compare", "gradcheck.baseline.json", "--json", "c.json") == 1
    told = capsys.readouterr()
    assert told.err == ""
    lines = told.out.splitlines()
    assert max(map(len, lines)) < 101
    assert layer in lines[1]  # the failing layer first
    assert "CHANGED" in lines[1]
    report = json.loads((here / "c.json").read_text())
    assert (report["schema"], report["changed"]) == ("gradcheck.comparison/1", True)
    first = report["layers"][0]
    assert first["symbol"] == layer
    assert {one["array"] for one in first["arrays"]} == arrays
    assert any(line.startswith(f"{layer}: ") for line in lines)
    assert any("smallest case" in line for line in lines)


def test_a_loss_is_compared_with_its_labels(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = recorded("function_pair", here, monkeypatch)
    text = path.read_text("utf-8")
    start = text.index("def softmax_loss")
    assert "N = " in text[start:]
    changed = text[:start] + text[start:].replace("/ N", "/ (N + 1)", 1)
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    assert run(monkeypatch, "compare", "gradcheck.baseline.json", f"{path.name}::softmax_loss") == 1
    out = capsys.readouterr().out
    assert "softmax_loss" in out
    assert "y = [" in out


def test_an_update_is_written_after_the_report_and_exits_with_0(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    layer, old, new, _ = EDITS["layer_object"]
    path = recorded("layer_object", here, monkeypatch)
    path.write_text(path.read_text("utf-8").replace(old, new, 1), encoding="utf-8")
    before = read_baseline("gradcheck.baseline.json")
    capsys.readouterr()
    assert run(monkeypatch, "compare", "gradcheck.baseline.json", "--update") == 0
    out = capsys.readouterr().out
    assert out.index(f"{layer}: db is another one") < out.index("brought up to date")
    after = read_baseline("gradcheck.baseline.json")
    told = [a.symbol for a, b in zip(before.layers, after.layers, strict=True) if a != b]
    assert told == [layer]
    assert run(monkeypatch, "compare", "gradcheck.baseline.json") == 0


def test_the_same_seed_records_the_same_file(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded("updating", here, monkeypatch, "-o", "a.json", "--seed", 3)
    recorded("updating", here, monkeypatch, "-o", "b.json", "--seed", 3)
    recorded("updating", here, monkeypatch, "-o", "c.json", "--seed", 4)
    texts = [(here / f"{name}.json").read_bytes() for name in "abc"]
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]


def test_json_alone_goes_to_standard_output(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded("updating", here, monkeypatch)
    capsys.readouterr()
    assert run(monkeypatch, "compare", "gradcheck.baseline.json", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["changed"] is False
    assert {one["state"] for one in told["layers"]} == {"same"}


def test_what_was_assumed_is_assumed_again(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "odd.py").write_text(
        "import numpy as np\nclass Odd:\n    def forward(self, a, b):\n"
        "        self.a, self.b = a, b\n        return a * b\n"
        "    def backward(self, g):\n        return g * self.b, g * self.a\n"
    )
    said = "Odd:signature=a: N D, b: N D -> y: N D"
    assert run(monkeypatch, "snapshot", "odd.py", "--assume", said) == 0
    assert read_baseline("gradcheck.baseline.json").assumed_layers["Odd"]["signature"]
    assert run(monkeypatch, "compare", "gradcheck.baseline.json") == 0
    assert "same" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("snapshot", "none.py"), "none.py"),
        (("snapshot", "empty.py"), "no layer found"),
        (("snapshot", "stub.py"), "no layer can be recorded; Halve: backward is still to be"),
        (("snapshot", "mine.py", "-o", "empty.py"), "exists and is no baseline"),
        (("snapshot", "mine.py", "-o", "none/b.json"), "cannot be written"),
        (("snapshot",), "Missing argument"),
        (("compare", "none.json"), "cannot be read"),
        (("compare", "empty.py"), "no baseline"),
        (("compare", "gradcheck.baseline.json", "none.py"), "none.py"),
        (("compare", "gradcheck.baseline.json", "mine.py::Halv"), "did you mean 'Halve'"),
        (("compare",), "Missing argument"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    arguments: tuple[str, ...],
    message: str,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (here / "empty.py").write_text("x = 1\n")
    (here / "mine.py").write_text(
        "class Halve:\n    def forward(self, x):\n        return x / 2\n"
        "    def backward(self, dout):\n        return dout / 2\n"
    )
    text = (here / "mine.py").read_text().replace("return dout / 2", "raise NotImplementedError")
    (here / "stub.py").write_text(text)
    assert run(monkeypatch, "snapshot", "mine.py", "--examples", 3) == 0
    capsys.readouterr()
    assert run(monkeypatch, *arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert (here / "empty.py").read_text() == "x = 1\n"


def test_the_reference_layers_are_the_same_as_recorded(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = ["activations", "normalisation", "convolution", "losses", "rnn", "embedding"]
    targets = [ROOT / "layers" / f"{name}.py" for name in files]
    assert run(monkeypatch, "snapshot", *targets, "--examples", 6) == 0
    assert run(monkeypatch, "compare", "gradcheck.baseline.json") == 0
    baseline = read_baseline("gradcheck.baseline.json")
    assert baseline.recorded >= 12
    assert f"{baseline.recorded} same" in capsys.readouterr().out
