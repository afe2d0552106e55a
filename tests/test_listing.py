"""``gradcheck list``: what a source holds and how it would be read, with nothing checked."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gradcheck.cli import main
from gradcheck.inventory import Inventory, ListedLayer, ListedModule, PassedOver
from gradcheck.listing import list_module
from gradcheck.report.listing import listing_lines

HAND_IN = """
import no_such_package_here
import numpy as np
class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T
class Sigmoid:
    def forward(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out
    def backward(self, dout):
        # TODO
        pass
class Sub:
    def foward(self, x, y):
        return x - y
    def backward(self, dout):
        return dout, -dout
class Distant:
    def __init__(self, teacher):
        self.grade = teacher.grade(3)
    def forward(self, x):
        return 2 * x
    def backward(self, dout):
        return 2 * dout
class Optimizer:
    def step(self):
        pass
def tanh_forward(x):
    out = np.tanh(x)
    return out, out
def tanh_backward(dout, cache):
    return dout * (1 - cache**2)
"""


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str, name: str = "listed.py") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["gradcheck", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        main()
    return int(stop.value.code or 0)


def test_each_layer_with_how_it_is_read(file) -> None:
    (module,) = list_module(file(HAND_IN)).modules
    told = {one.symbol: one for one in module.layers}
    assert {one.symbol: (one.line, one.status) for one in module.layers} == {
        "Affine": (4, "read"),
        "Sigmoid": (13, "not-attempted"),
        "Sub": (20, "faulty"),
        "Distant": (25, "unusable"),
        "tanh_forward": (35, "read"),
    }
    affine = told["Affine"]
    assert (affine.kind, affine.convention) == ("affine", "layer-object")
    assert affine.parameters == {"W": "dW", "b": "db"}
    assert affine.signature == "x: N D, W: D M, b: M -> y: N M"
    assert affine.assumptions["read as"].startswith("class with forward(x) and backward(dout)")
    assert told["tanh_forward"].convention == "function-pair"
    assert told["Sigmoid"].why == "backward is still to be written"
    assert "'foward'" in told["Sub"].why
    assert "'grade'" in told["Distant"].why


def test_what_was_passed_over_and_what_did_not_run(file) -> None:
    (module,) = list_module(file(HAND_IN)).modules
    (other,) = module.passed_over
    assert (other.symbol, other.line) == ("Optimizer", 32)
    assert other.why == "no forward and backward"
    (note,) = module.notes
    assert "no_such_package_here is not installed" in note


def test_a_layer_is_read_in_the_same_way_when_it_is_checked(file) -> None:
    from gradcheck import check_module

    path = file(HAND_IN)
    listed = {one.symbol: one for one in list_module(path).layers if one.status == "read"}
    checked = {one.symbol: one for one in check_module(path, examples=3).subjects}
    for symbol, one in listed.items():
        report = checked[symbol]
        assert (one.convention, one.kind, one.line) == (
            report.convention,
            report.kind,
            report.line,
        )
        assert one.assumptions == report.assumptions


def test_no_check_runs(file, monkeypatch) -> None:
    def planted(*_: object, **__: object) -> None:
        raise AssertionError("list checks nothing")

    for module in ("runner", "api", "exploration"):
        for name in ("check_subject", "explore"):
            if hasattr(sys.modules.get(f"gradcheck.{module}"), name):
                monkeypatch.setattr(f"gradcheck.{module}.{name}", planted)
    assert len(list_module(file(HAND_IN)).layers) == 5


def test_one_layer_is_listed_alone(file, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "list", f"{file(HAND_IN)}::tanh_forward") == 0
    out = capsys.readouterr().out
    assert "tanh_forward" in out
    assert "Affine" not in out
    assert "Optimizer" not in out


def test_a_name_that_is_no_layer_is_a_usage_error(file, monkeypatch, capsys) -> None:
    path = file(HAND_IN)
    assert run(monkeypatch, "list", f"{path}::Afine") == 2
    assert "did you mean 'Affine'?" in capsys.readouterr().err
    assert run(monkeypatch, "list", f"{path}::Optimizer") == 2
    assert "no forward and backward" in capsys.readouterr().err


def test_nothing_found_exits_with_2(file, monkeypatch, capsys) -> None:
    path = file("class Optimizer:\n    def step(self): pass\n")
    assert run(monkeypatch, "list", path) == 2
    out = capsys.readouterr().out
    assert "Optimizer  line 1  no forward and backward" in out
    assert out.endswith("no layer found\n")


def test_a_stub_is_found(file, monkeypatch, capsys) -> None:
    text = "class Relu:\n    def forward(self, x): pass\n    def backward(self, dout): pass\n"
    assert run(monkeypatch, "list", file(text)) == 0
    assert "not attempted: forward is still to be written" in capsys.readouterr().out


def test_json_to_standard_output_and_to_a_file(file, monkeypatch, capsys, tmp_path) -> None:
    path, target = file(HAND_IN + "\nprint('side effect')\n"), tmp_path / "list.json"
    assert run(monkeypatch, "list", path, "--json") == 0
    plain = json.loads(capsys.readouterr().out)
    assert run(monkeypatch, "list", path, "--json", target) == 0
    assert json.loads(target.read_text(encoding="utf-8")) == plain
    assert "Affine" in capsys.readouterr().out
    assert plain["schema"] == "gradcheck.list/1"
    assert set(plain) == {"schema", "version", "modules", "unread"}
    (module,) = plain["modules"]
    assert set(module) == {"path", "layers", "passed_over", "notes"}
    assert set(module["layers"][0]) == {
        *("symbol", "line", "cell", "status", "convention", "kind"),
        *("signature", "parameters", "assumptions", "why"),
    }
    assert module["path"] == str(path)


def test_a_folder_with_a_file_that_cannot_be_read(file, monkeypatch, capsys, tmp_path) -> None:
    file(HAND_IN), file("class (\n", "broken.py"), file("x = 1\n", "constants.py")
    assert run(monkeypatch, "list", tmp_path, "--json") == 0
    plain = json.loads(capsys.readouterr().out)
    assert list(plain["unread"]) == [str(tmp_path / "broken.py")]
    assert run(monkeypatch, "list", tmp_path) == 0
    out = capsys.readouterr().out
    assert f"not read {tmp_path / 'broken.py'}: line 1: Python" in " ".join(out.split())
    assert "no class and no function that could be a layer" in out


def test_definitions_that_only_a_whole_run_makes(file, monkeypatch) -> None:
    made = "for name in ('Double',):\n    exec('class ' + name + HALF)\n"
    body = (
        "HALF = ''':\n    def forward(self, x): return 2 * x\n"
        "    def backward(self, dout): return 2 * dout\n'''\n"
    )
    path = file(body + made + "class Other(globals().get('Double', object)): pass\n")
    assert run(monkeypatch, "list", path) == 2
    assert run(monkeypatch, "list", path, "--run-module") == 0


def layer(**given: object) -> ListedLayer:
    told = {"symbol": "Affine", "line": 12, "status": "read", "convention": "layer-object"}
    return ListedLayer(**{**told, **given})  # type: ignore[arg-type]


SAMPLE = Inventory(
    version="1",
    modules=(
        ListedModule(
            path="layers.ipynb",
            layers=(
                layer(
                    kind="affine",
                    cell="cell 3",
                    signature="x: N D, W: D M -> y: N M",
                    parameters={"W": "dW"},
                    assumptions={
                        "read as": "class with forward(x) and backward(dout), gradients in dW",
                        "inputs": "x: N D; x: N T D",
                    },
                ),
                layer(symbol="Tanh", status="not-attempted", why="backward is still to be written"),
                layer(symbol="Ünknown", status="unusable", why="no way to call it was found " * 4),
            ),
            passed_over=(PassedOver(symbol="Adam", line=90, why="no forward and backward"),),
            notes=("matplotlib is not installed; what needs it was left out",),
        ),
        ListedModule(path="empty.py"),
    ),
    unread={"old.py": "line 3: Python cannot read this: invalid syntax"},
)

TEXT = """\
layers.ipynb
  Affine   cell 3, line 12  layer-object  affine  W (dW)
      arrays   x: N D, W: D M -> y: N M
      read as  class with forward(x) and backward(dout), gradients in dW; inputs
               x: N D; x: N T D
  Tanh     line 12          not attempted: backward is still to be written
  Ünknown  line 12          cannot be called: no way to call it was found no way
                            to call it was found no way to call it was found no
                            way to call it was found
  passed over
  Adam     line 90          no forward and backward
  notes
    matplotlib is not installed; what needs it was left out

no class and no function that could be a layer
  empty.py

not read
  old.py: line 3: Python cannot read this: invalid syntax

3 layers: 1 read, 1 not attempted, 1 cannot be called; 1 passed over
"""


def test_the_text_is_aligned_and_folded() -> None:
    assert "\n".join(listing_lines(SAMPLE, 80)) + "\n" == TEXT


@pytest.mark.parametrize("width", [80, 90, 100])
def test_no_line_is_too_long_or_ends_in_spaces(width: int, file) -> None:
    for inventory in (SAMPLE, list_module(file(HAND_IN))):
        for line in listing_lines(inventory, width):
            assert len(line) <= width or " " not in line.strip()
            assert line == line.rstrip()
