"""The folder: names that lead nowhere else, nothing lost, whole files whatever happens."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from gradcheck import whole_files
from gradcheck.errors import UsageError
from gradcheck.regressions.record import KeptLayer
from gradcheck.regressions.store import keep, read_regression, saved_in
from gradcheck.whole_files import write_whole
from tests.regressions.test_record import case, regression

ROOT = Path(__file__).parent.parent.parent


def layer(symbol: str, source: str = "layers.py") -> KeptLayer:
    return KeptLayer(source=source, symbol=symbol)


def test_the_name_tells_layer_check_and_array(tmp_path: Path) -> None:
    file = keep(regression(), str(tmp_path))
    assert Path(file).name == "layers.Affine.parameter-gradient-wrong.dW.json"
    assert read_regression(Path(file)) == regression()


@pytest.mark.parametrize(
    "symbol",
    [
        "../../etc/passwd",
        "..",
        "/root",
        "a\\..\\b",
        "C:x",
        "nul\0",
        "x" * 400,
        "Größe",
        "a\nb",
        "-",
    ],
)
def test_no_symbol_leads_out_of_the_folder(tmp_path: Path, symbol: str) -> None:
    folder = tmp_path / "regs"
    file = Path(keep(regression(layer=layer(symbol), array=symbol), str(folder)))
    assert file.parent == folder
    assert os.listdir(folder) == [file.name]
    assert file.name.isascii()
    assert len(file.name) < 200
    assert os.listdir(tmp_path) == ["regs"]


def test_faults_that_would_be_called_alike_have_two_files(tmp_path: Path) -> None:
    alike = [layer("a/b"), layer("a.b"), layer("a-b"), layer("a-b", "other/layers.py")]
    files = {keep(regression(layer=one), str(tmp_path)) for one in alike}
    assert len(files) == 4
    assert {read_regression(Path(file)).layer for file in files} == set(alike)


def test_a_file_of_the_same_fault_is_kept_unless_the_new_case_is_smaller(
    tmp_path: Path,
) -> None:
    first = keep(regression(), str(tmp_path))
    larger = regression(case=case([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    assert keep(larger, str(tmp_path)) == first
    assert read_regression(Path(first)) == regression()
    smaller = regression(case=case([[1.0]]))
    assert keep(smaller, str(tmp_path)) == first
    assert read_regression(Path(first)) == smaller


def test_a_case_that_no_longer_fails_is_never_replaced(tmp_path: Path) -> None:
    first = keep(regression(), str(tmp_path))
    smaller = regression(case=case([[1.0]]))
    second = keep(smaller, str(tmp_path), retired=[first])
    assert second != first
    assert read_regression(Path(first)) == regression()
    assert read_regression(Path(second)) == smaller
    assert keep(smaller, str(tmp_path), retired=[first]) == second


def test_what_cannot_be_read_is_never_replaced(tmp_path: Path) -> None:
    first = Path(keep(regression(), str(tmp_path)))
    first.write_text("my notes", encoding="utf-8")
    second = keep(regression(), str(tmp_path))
    assert first.read_text(encoding="utf-8") == "my notes"
    assert read_regression(Path(second)) == regression()


def test_the_smallest_case_comes_first_and_problems_are_told(tmp_path: Path) -> None:
    keep(regression(layer=layer("Large")), str(tmp_path))
    keep(regression(layer=layer("Small"), case=case([[1.0]])), str(tmp_path))
    (tmp_path / "broken.json").write_text('{"schema": ', encoding="utf-8")
    (tmp_path / "latin.json").write_bytes(b"\xe9")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "notes.txt").write_text("not ours", encoding="utf-8")
    found, problems = saved_in(str(tmp_path))
    assert [one.layer.symbol for _, one in found] == ["Small", "Large"]
    assert [problem.partition(": ")[0] for problem in problems] == [
        str(tmp_path / name) for name in ("broken.json", "folder.json", "latin.json")
    ]


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    file = keep(regression(), str(tmp_path))
    saved_in(str(tmp_path))
    write_whole(Path(file), Path(file).read_text("utf-8").replace('"seed": 3', '"seed": 31'))
    assert saved_in(str(tmp_path))[0][0][1].case.seed == 31


def test_a_file_in_the_place_of_the_folder_is_a_mistake_of_usage(tmp_path: Path) -> None:
    (tmp_path / "regs").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="no folder"):
        saved_in(str(tmp_path / "regs"))


def test_a_new_file_never_takes_the_place_of_another(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_whole(path, "first", new=True)
    with pytest.raises(FileExistsError):
        write_whole(path, "second", new=True)
    assert path.read_text(encoding="utf-8") == "first"
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_process_that_is_faster_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file appears between the look and the write."""
    other = regression(layer=layer("Affine", "elsewhere/layers.py"))
    path = Path(keep(other, str(tmp_path)))
    monkeypatch.setattr(whole_files.os.path, "lexists", lambda path: False)
    keep(regression(), str(tmp_path))
    assert read_regression(path) == other
    assert len(saved_in(str(tmp_path))[0]) == 2


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    write_whole(path, "old")

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(whole_files.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == ["a.json"]


def test_what_a_killed_run_left_is_swept_after_an_hour(tmp_path: Path) -> None:
    old, fresh = tmp_path / ".a.json.0123456789ab.tmp", tmp_path / ".a.json.ba9876543210.tmp"
    for one in (old, fresh):
        one.write_text("{", encoding="utf-8")
    os.utime(old, (time.time() - 7200,) * 2)
    write_whole(tmp_path / "a.json", "new")
    assert sorted(os.listdir(tmp_path)) == [fresh.name, "a.json"]


WRITER = """
import itertools, sys
from pathlib import Path
from msgspec.structs import replace
from gradcheck.regressions.document import document_of
from gradcheck.regressions.store import keep, read_regression
from gradcheck.whole_files import write_whole

folder, first = sys.argv[1], read_regression(Path(sys.argv[2]))
print("ready", flush=True)
for number in itertools.count():
    layer = replace(first.layer, symbol=f"New{number}")
    keep(replace(first, layer=layer), folder)
    write_whole(Path(folder, "again.json"), document_of(replace(first, headline=f"{number}")))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_kill_at_any_moment_leaves_whole_files(tmp_path: Path) -> None:
    """Killed while it writes, again and again: each file is an old one or a new one."""
    rows = np.linspace(0.1, 0.7, 1600).reshape(40, 40)
    first = keep(regression(case=case(rows)), str(tmp_path / "first"))
    rng = random.Random(0)
    for kill in range(10):
        folder = tmp_path / str(kill)
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder), first],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        while not (folder / "again.json").exists():
            time.sleep(0.001)
        time.sleep(rng.uniform(0.0, 0.1))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        for file in folder.glob("*.json"):
            assert read_regression(file).case.size == 3200
