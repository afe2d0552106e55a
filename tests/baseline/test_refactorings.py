"""What a refactoring may do to the last digits, and what it may not."""

from __future__ import annotations

import functools
import statistics
from pathlib import Path

import pytest

from gradcheck import compare_module, snapshot_module
from gradcheck.baseline.changes import Comparison
from gradcheck.baseline.contents import Baseline, LayerRecord

FOLDER = Path(__file__).parents[2] / "benchmarks" / "refactorings"
BEFORE, AFTER = FOLDER / "before.py", FOLDER / "after.py"

EDITS = {
    "epsilon": (
        "LayerNorm",
        "keepdims=True) + 1e-5)",
        "keepdims=True) + 1e-6)",
        {"the output", "dx", "dgamma"},
    ),
    "a billionth": ("Affine", "self.db = dout.sum(axis=0)", None, {"db"}),
    "float32 inside": (
        "BatchNorm",
        "self.xn = (x - mean) / self.std",
        "self.xn = ((x - mean) / self.std).astype(np.float32)",
        {"the output", "dx", "dgamma"},
    ),
    "float32 sum": (
        "Conv2D",
        "self.db = dout.sum(axis=(0, 2, 3))",
        "self.db = dout.astype(np.float32).sum(axis=(0, 2, 3)).astype(float)",
        {"db"},
    ),
    "slope at zero": ("Relu", "self.mask = x <= 0", "self.mask = x < 0", {"dx"}),
    "sum for mean": (
        "SoftmaxWithLoss",
        "return dx * dout / len(dx)",
        "return dx * dout",
        {"dx"},
    ),
    "overflow": (
        "Softmax",
        "e = np.exp(x - x.max(axis=1, keepdims=True))",
        "e = np.exp(x)",
        {"the output", "dx"},
    ),
}


@functools.cache
def recorded() -> Baseline:
    return snapshot_module(BEFORE, seed=0)


def edited(tmp_path: Path, layer: str, old: str, new: str) -> Path:
    """Return the file with one line of one layer changed."""
    before, name, rest = BEFORE.read_text("utf-8").partition(f"class {layer}:")
    assert old in rest
    path = tmp_path / "before.py"
    path.write_text(before + name + rest.replace(old, new, 1), encoding="utf-8")
    return path


def states(comparison: Comparison) -> dict[str, str]:
    return {one.symbol: one.state for one in comparison.layers}


def test_another_order_of_the_same_operations_is_no_change() -> None:
    baseline = recorded()
    comparison = compare_module(baseline, AFTER)
    assert set(states(comparison).values()) == {"rounding"}, str(comparison)
    assert len(comparison.layers) == len(baseline.layers) == 13


def test_the_same_file_gives_the_same_bits() -> None:
    comparison = compare_module(recorded())
    assert set(states(comparison).values()) == {"same"}
    assert all(one.cases == one.same >= 20 for one in comparison.layers)


@pytest.mark.parametrize("edit", sorted(EDITS))
def test_one_changed_line_is_told_and_nothing_else(edit: str, tmp_path: Path) -> None:
    layer, old, new, arrays = EDITS[edit]
    path = edited(tmp_path, layer, old, new or f"{old} * (1 + 1e-9)")
    comparison = compare_module(recorded(), path)
    (changed,) = comparison.changed
    assert (changed.symbol, changed.state) == (layer, "changed")
    assert {one.array for one in changed.arrays} == arrays
    assert comparison.layers[0] is changed
    others = [one for one in comparison.layers if one is not changed]
    assert {one.state for one in others} == {"same"}


def test_the_numbers_of_a_change_are_those_of_the_layer(tmp_path: Path) -> None:
    path = edited(
        tmp_path, "Affine", "self.db = dout.sum(axis=0)", "self.db = dout.sum(axis=0) + 1"
    )
    baseline = snapshot_module(f"{BEFORE}::Affine")
    (changed,) = compare_module(baseline, path).changed
    (db,) = changed.arrays
    case = baseline.layers[0].cases[db.smallest.number - 1]
    assert case.size == min(one.size for one in baseline.layers[0].cases) == db.smallest.size
    assert case.gradients["b"].values[db.index[0]] == db.before
    assert db.now == db.before + 1
    assert db.off == pytest.approx(1)
    assert db.ratio == pytest.approx(db.off / db.bound)
    assert db.bound < 1e-12
    assert db.smallest.axes == case.axes
    assert db.cases == len(baseline.layers[0].cases)


def test_a_formula_that_cancels_more_is_told_to_round_more() -> None:
    comparison = compare_module(snapshot_module(f"{BEFORE}::BatchNorm"), f"{AFTER}::BatchNorm")
    (layer,) = comparison.layers
    assert layer.state == "rounding"
    assert layer.noisier > 16
    assert "times the rounding that it had" in " ".join(str(comparison).split())


def test_float32_is_measured_where_the_layer_computes_in_it() -> None:
    layer = snapshot_module(f"{BEFORE}::SingleAffine").layers[0]
    assert statistics.median(_noise(layer)) > 1e-8
    double = snapshot_module(f"{BEFORE}::Affine").layers[0]
    assert max(_noise(double)) < 1e-13


def _noise(layer: LayerRecord) -> list[float]:
    generic = [one for one in layer.cases if one.regime == "generic"]
    return [max(map(float, one.gradients["W"].noise)) for one in generic]
