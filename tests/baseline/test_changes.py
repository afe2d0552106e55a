"""Layers that are gone, new, called otherwise, raise, or give another answer every time."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from gradcheck import UsageError, compare_module, snapshot_module
from gradcheck.baseline.changes import LayerChange
from gradcheck.baseline.snapshot import compared

TEXT = """
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
class Halve:
    def forward(self, x):
        return x / 2
    def backward(self, dout):
        return dout / 2
"""
Write = Callable[..., Path]


@pytest.fixture
def file(tmp_path: Path) -> Write:
    def write(text: str = TEXT, name: str = "mine.py") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def after(file: Write, old: str, new: str, text: str = TEXT) -> dict[str, LayerChange]:
    """Record a file, replace a text in it, and compare."""
    baseline = snapshot_module(file(text), examples=12)
    assert old in text
    file(text.replace(old, new))
    return {one.symbol: one for one in compare_module(baseline).layers}


def test_a_layer_that_is_gone_fails(file: Write) -> None:
    told = after(file, "class Halve", "class Half")
    assert (told["Halve"].state, told["Half"].state) == ("gone", "new")
    assert told["Halve"].fails
    assert not told["Half"].fails


def test_a_new_layer_alone_is_no_change(file: Write) -> None:
    told = after(
        file,
        "class Halve",
        "class Third(object):\n    forward = lambda self, x: x / 3\n"
        "    backward = lambda self, dout: dout / 3\nclass Halve",
    )
    assert {name: one.state for name, one in told.items()} == {
        "Affine": "same",
        "Halve": "same",
        "Third": "new",
    }
    assert not any(one.fails for one in told.values())


def test_another_signature_is_told_with_the_recorded_one(file: Write) -> None:
    told = after(
        file,
        "def forward(self, x):\n        return x / 2",
        "def forward(self, x, y):\n        return x / 2 + y",
    )["Halve"]
    assert (told.state, told.fails) == ("signature-changed", True)
    assert "x: N D -> y" in told.why


LEAKY = """
import numpy as np
class LeakyReLU:
    def __init__(self, alpha=0.01):
        self.alpha = alpha
    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, self.alpha * x)
    def backward(self, dout):
        return np.where(self.x > 0, dout, self.alpha * dout)
"""


def test_an_option_that_is_gone_is_another_signature(file: Write) -> None:
    told = after(file, "self, alpha=0.01", "self, alpha=0.01, copy=True", LEAKY)["LeakyReLU"]
    assert told.state == "same"
    told = after(file, "self, alpha=0.01):", "self):\n        alpha = 0.01", LEAKY)["LeakyReLU"]
    assert (told.state, told.fails) == ("signature-changed", True)


def test_a_file_that_does_not_parse_any_more_is_gone_with_a_note(tmp_path: Path) -> None:
    folder = tmp_path / "net"
    folder.mkdir()
    (folder / "one.py").write_text(TEXT)
    (folder / "two.py").write_text(TEXT.replace("Affine", "Dense").replace("Halve", "Half"))
    baseline = snapshot_module(folder, examples=4)
    (folder / "two.py").write_text("def (")
    comparison = compare_module(baseline)
    told = {one.symbol: one.state for one in comparison.layers}
    assert told == {"Affine": "same", "Halve": "same", "Dense": "gone", "Half": "gone"}
    (note,) = comparison.notes
    assert "two.py: not read" in note


def test_a_layer_that_raises_now_is_told_with_its_line(file: Write) -> None:
    told = after(
        file,
        "        self.x = x\n",
        "        self.x = x\n        if len(x) > 1: x = x[:, :, None][:, :, 1]\n",
    )["Affine"]
    assert told.state == "raises"
    assert "IndexError" in told.why
    assert "line 8" in told.why
    assert 0 < told.changed < told.cases
    assert told.arrays[0].smallest.axes["N"] > 1


def test_a_result_of_another_shape_or_dtype_is_told_as_a_whole(file: Write) -> None:
    told = after(file, "dout.sum(axis=0)", "dout.sum(axis=0, keepdims=True)")["Affine"]
    (db,) = told.arrays
    assert db.array == "db"
    assert db.what.startswith("has shape (1, ")
    told = after(file, "return dout / 2", "return (dout / 2).astype('f4')")["Halve"]
    assert [one.what for one in told.arrays] == ["is float32, was float64"]


def test_a_gradient_that_is_not_kept_any_more_is_told(file: Write) -> None:
    told = after(file, "self.dW, self.db =", "self.dW, db =")["Affine"]
    assert told.fails


def test_a_layer_that_is_not_deterministic_is_told_and_not_compared(file: Write) -> None:
    text = TEXT.replace("return x / 2", "return x / 2 + np.random.default_rng().random()")
    baseline = snapshot_module(file(text), examples=6)
    recorded = {one.symbol: one.status for one in baseline.layers}
    assert recorded == {"Affine": "recorded", "Halve": "not-deterministic"}
    told = {one.symbol: one for one in compare_module(baseline).layers}
    assert told["Halve"].state == "not-compared"
    assert "another answer every time" in told["Halve"].why


def test_a_layer_that_became_so_fails(file: Write) -> None:
    new = "return dout / 2 + np.random.default_rng().random()"
    told = after(file, "return dout / 2", new)["Halve"]
    assert (told.state, told.fails) == ("not-deterministic", True)


def test_a_dropout_from_the_global_generator_is_compared(file: Write) -> None:
    text = TEXT.replace(
        "return x / 2", "self.m = np.random.rand(*x.shape) > 0.5; return x * self.m"
    )
    text = text.replace("return dout / 2", "return dout * self.m")
    assert after(file, "Affine", "Affine", text)["Halve"].state == "same"
    told = after(file, "return dout * self.m", "return dout * self.m * 2", text)["Halve"]
    assert (told.state, [one.array for one in told.arrays]) == ("changed", ["dx"])


def test_what_is_not_written_yet_is_not_recorded(file: Write) -> None:
    text = TEXT.replace("return dout / 2", "raise NotImplementedError")
    baseline = snapshot_module(file(text), examples=6)
    (halve,) = [one for one in baseline.layers if one.symbol == "Halve"]
    assert (halve.status, halve.why) == ("not-read", "backward is still to be written")


def test_a_layer_that_moved_to_another_file_is_found(file: Write) -> None:
    baseline = snapshot_module(file(), examples=6)
    moved = file(TEXT.replace("return dout / 2", "return dout / 3"), "moved.py")
    told = {one.symbol: one.state for one in compare_module(baseline, moved).layers}
    assert told == {"Affine": "same", "Halve": "changed"}


def test_one_layer_alone_says_nothing_of_the_others(file: Write) -> None:
    path = file()
    baseline = snapshot_module(path, examples=6)
    told = compare_module(baseline, f"{path}::Halve").layers
    assert [(one.symbol, one.state) for one in told] == [("Halve", "same")]
    with pytest.raises(UsageError, match="did you mean 'Halve'"):
        compare_module(baseline, f"{path}::Halv")


def test_a_case_that_raised_before_and_does_not_now_is_a_change(file: Write) -> None:
    text = TEXT.replace("return x / 2", "return [x / 2][int(x.size == 1)]")
    told = after(file, "[int(x.size == 1)]", "[0]", text)["Halve"]
    assert told.state == "changed"
    assert "IndexError" in told.why
    assert after(file, "Affine", "Affine", text)["Halve"].state == "same"


def test_an_update_records_anew_what_changed_and_keeps_the_rest(file: Write) -> None:
    path = file()
    baseline = snapshot_module(path, examples=6)
    file(
        TEXT.replace("return dout / 2", "return dout / 3") + "class Twice(Halve):\n"
        "    def forward(self, x):\n        return 2 * x\n"
        "    def backward(self, dout):\n        return 2 * dout\n"
    )
    comparison, renewed = compared(baseline, [], {}, renew=True)
    assert [one.symbol for one in comparison.changed] == ["Halve"]
    old, new = ({one.symbol: one for one in each.layers} for each in (baseline, renewed))
    assert list(new) == ["Affine", "Halve", "Twice"]
    assert new["Affine"] == old["Affine"]
    assert new["Halve"] != old["Halve"]
    assert {one.state for one in compare_module(renewed).layers} == {"same"}
    file(TEXT.replace("class Halve", "class Half"))
    _, renewed = compared(renewed, [], {}, renew=True)
    assert [one.symbol for one in renewed.layers] == ["Affine", "Half"]


def test_a_changed_comparison_raises_with_its_report(file: Write) -> None:
    baseline = snapshot_module(file(), examples=6)
    compare_module(baseline).raise_if_changed()
    file(TEXT.replace("return dout / 2", "return dout / 3"))
    with pytest.raises(AssertionError, match=r"Halve: dx is another one than recorded"):
        compare_module(baseline).raise_if_changed()


def test_what_is_no_number_stays_the_same_and_a_lost_number_is_a_change(file: Write) -> None:
    text = TEXT.replace("return x / 2", "return x / 2 - np.where(x.size == 1, np.nan, 0)")
    assert after(file, "Affine", "Affine", text)["Halve"].state == "same"
    told = after(file, "return dout / 2", "return dout / 2 + np.where(dout.size == 1, np.nan, 0)")
    (dx,) = told["Halve"].arrays
    assert (dx.array, dx.off, dx.ratio) == ("dx", math.inf, math.inf)
    told = after(file, "return x / 2", "return x / 2 * (1 if x.size > 1 else -np.inf)")
    assert told["Halve"].arrays[0].array == "the output"


def test_a_zero_of_the_other_sign_is_within_rounding(file: Write) -> None:
    told = after(file, "0 * dout", "0 * abs(dout)", TEXT.replace("dout / 2", "0 * dout"))
    assert told["Halve"].state == "rounding"
