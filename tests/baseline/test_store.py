"""The file: exact, written whole or not at all, and one clear line where it is damaged."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gradcheck import UsageError, snapshot_module
from gradcheck.baseline.contents import ArrayRecord, Baseline, array_of, array_record
from gradcheck.baseline.store import baseline_text, read_baseline, write_baseline

ROOT = Path(__file__).parents[2]
LAYER = """
import numpy as np
class Scale:
    def __init__(self, k=2.0):
        self.k = k
    def forward(self, x):
        return self.k * x
    def backward(self, dout):
        return self.k * dout
"""


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Baseline:
    path = tmp_path_factory.mktemp("layers") / "scale.py"
    path.write_text(LAYER)
    return snapshot_module(path, examples=5)


dtypes = st.sampled_from(["float64", "float32", "float16", "int64", "int8", "uint8", "bool"])


@given(
    dtypes.flatmap(
        lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=0, min_side=0, max_dims=3))
    )
)
def test_arrays_come_back_bit_for_bit(array: np.ndarray) -> None:
    text = msgspec.json.encode(array_record(array))
    again = array_of(msgspec.json.decode(text, type=ArrayRecord))
    assert (again.dtype, again.shape) == (array.dtype, array.shape)
    assert np.array_equal(again, array, equal_nan=array.dtype.kind == "f")
    if array.dtype.kind == "f":
        numbers = ~np.isnan(array)
        assert (np.signbit(again) == np.signbit(array))[numbers].all()


def test_a_baseline_comes_back_as_it_was(baseline: Baseline, tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    write_baseline(baseline, path)
    assert read_baseline(path) == baseline
    assert baseline_text(read_baseline(path)) == path.read_text()
    assert sorted(os.listdir(tmp_path)) == ["b.json"]
    text = path.read_text()
    assert json.loads(text)["schema"] == "gradcheck.baseline/1"
    assert max(map(len, text.splitlines())) < 8000  # a line for each array, not one for all


def _other_version(told: dict[str, Any]) -> None:
    told["schema"] = "gradcheck.baseline/2"


def _other_thing(told: dict[str, Any]) -> None:
    told["schema"] = "gradcheck.report/1"


def _no_layers(told: dict[str, Any]) -> None:
    del told["layers"]


def _wrong_type(told: dict[str, Any]) -> None:
    told["layers"][0]["cases"][0]["primals"]["x"]["values"] = "many"


def _wrong_word(told: dict[str, Any]) -> None:
    told["layers"][0]["cases"][0]["primals"]["x"]["values"][0] = "one"


def _wrong_shape(told: dict[str, Any]) -> None:
    told["layers"][0]["cases"][0]["primals"]["x"]["shape"] = [7, 7]


def _negative_shape(told: dict[str, Any]) -> None:
    told["layers"][0]["cases"][0]["primals"]["x"]["shape"] = [-1, -1]


def _wrong_dtype(told: dict[str, Any]) -> None:
    told["layers"][0]["cases"][0]["primals"]["x"]["dtype"] = "object"


def _no_dtype(told: dict[str, Any]) -> None:
    told["layers"][0]["cases"][0]["primals"]["x"]["dtype"] = "flaot64"


def _fractions_of_integers(told: dict[str, Any]) -> None:
    told["layers"][0]["cases"][0]["primals"]["x"] |= {"dtype": "int8", "values": [0.5]}


def _too_large(told: dict[str, Any]) -> None:
    one = told["layers"][0]["cases"][0]["primals"]["x"]
    one |= {"dtype": "int8", "values": [1000] * len(one["values"])}


def _no_noise(told: dict[str, Any]) -> None:
    del told["layers"][0]["cases"][0]["gradients"]["x"]["noise"]


def _no_form(told: dict[str, Any]) -> None:
    told["layers"][0]["cases"][0]["form"] = 9


DAMAGES = {
    _other_version: "another version, 'gradcheck.baseline/2'",
    _other_thing: "no baseline",
    _no_layers: "`layers`",
    _wrong_type: "Expected `array`",
    _wrong_word: "'one'",
    _wrong_shape: "values for the shape (7, 7)",
    _negative_shape: "values for the shape (-1, -1)",
    _wrong_dtype: "'object' is no dtype of real numbers",
    _no_dtype: "'flaot64' is no dtype",
    _fractions_of_integers: "int8",
    _too_large: "x",
    _no_noise: "0 noise levels",
    _no_form: "there is no form 9",
}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda one: one.__name__)
def test_a_damaged_baseline_is_one_clear_line(
    damage: Callable[[dict[str, Any]], None], baseline: Baseline, tmp_path: Path
) -> None:
    told = json.loads(baseline_text(baseline))
    damage(told)
    path = tmp_path / "b.json"
    path.write_text(json.dumps(told))
    with pytest.raises(UsageError) as caught:
        read_baseline(path)
    message = str(caught.value)
    assert DAMAGES[damage] in message
    assert str(path) in message
    assert "\n" not in message


@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.99])
def test_a_truncated_baseline_is_one_clear_line(
    kept: float, baseline: Baseline, tmp_path: Path
) -> None:
    text = baseline_text(baseline)
    path = tmp_path / "b.json"
    path.write_text(text[: int(kept * len(text))])
    with pytest.raises(UsageError, match="no baseline, or a damaged one") as caught:
        read_baseline(path)
    assert "\n" not in str(caught.value)
    write_baseline(baseline, path)  # recording it anew is what the line says
    assert read_baseline(path) == baseline


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"[1, 2]", b"3", b"class Layer: pass\n"])
def test_what_is_no_baseline_is_neither_read_nor_replaced(
    content: bytes, baseline: Baseline, tmp_path: Path
) -> None:
    path = tmp_path / "layers.py"
    path.write_bytes(content)
    with pytest.raises(UsageError):
        read_baseline(path)
    with pytest.raises(UsageError, match="left as it is"):
        write_baseline(baseline, path)
    assert path.read_bytes() == content


def test_a_missing_file_or_folder_is_told(baseline: Baseline, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_baseline(tmp_path / "none.json")
    with pytest.raises(UsageError, match="cannot be written"):
        write_baseline(baseline, tmp_path / "none" / "b.json")
    with pytest.raises(UsageError, match="cannot be written"):
        write_baseline(baseline, tmp_path)


def test_a_link_stays_a_link(baseline: Baseline, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    link = tmp_path / "b.json"
    link.symlink_to(tmp_path / "kept" / "b.json")
    write_baseline(baseline, link)
    assert link.is_symlink()
    assert read_baseline(tmp_path / "kept" / "b.json") == baseline


KILLED = """
import os, signal, sys
from gradcheck.baseline import store
moment, path = sys.argv[1:]
kill = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
new = store.read_baseline(path)
if moment == "before the file is whole":
    os.fsync = kill
elif moment == "before it is put in place":
    os.replace = kill
store.write_baseline(store.msgspec.structs.replace(new, seed=77), path)
kill()
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs signals")
@pytest.mark.parametrize(
    ("moment", "seed"),
    [("before the file is whole", 0), ("before it is put in place", 0), ("after", 77)],
)
def test_a_kill_leaves_the_old_file_or_the_new_one(
    moment: str, seed: int, baseline: Baseline, tmp_path: Path
) -> None:
    path = tmp_path / "b.json"
    write_baseline(baseline, path)
    done = subprocess.run([sys.executable, "-c", KILLED, moment, path], check=False, cwd=ROOT)
    assert done.returncode == -signal.SIGKILL
    assert read_baseline(path).seed == seed


def test_what_fails_leaves_no_file_behind(
    baseline: Baseline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "b.json"
    write_baseline(baseline, path)
    monkeypatch.setattr("gradcheck.whole_files.os.fsync", full)
    with pytest.raises(UsageError, match="No space left on device"):
        write_baseline(baseline, path)
    assert os.listdir(tmp_path) == ["b.json"]
    assert read_baseline(path) == baseline
