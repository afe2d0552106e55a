"""docs/baseline.md shows what the commands say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EDITS = (
    ("class Affine", "dout.sum(axis=0)", "np.ones(len(dout)) @ dout"),
    ("class LayerNorm", "1e-5", "1e-6"),
)


def shown() -> list[tuple[str, str]]:
    text = (ROOT / "docs" / "baseline.md").read_text(encoding="utf-8")
    return re.findall(r"```console\n\$ gradcheck (.*?)\n(.*?)```", text, re.S)


def said(command: str, folder: Path) -> str:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from gradcheck.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *command.split()],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "COLUMNS": "100"},
    )
    assert done.stderr == ""
    return re.sub(r"in \d+\.\d s", "in s", done.stdout)


def test_the_page_shows_current_output(tmp_path: Path) -> None:
    (snapshot, first), (compare, second) = shown()
    text = (ROOT / "benchmarks" / "refactorings" / "before.py").read_text("utf-8")
    path = tmp_path / "mine.py"
    path.write_text(text, encoding="utf-8")
    assert said(snapshot, tmp_path) == first
    for name, old, new in EDITS:
        before, found, rest = text.partition(name)
        text = before + found + rest.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    assert said(compare, tmp_path) == re.sub(r"in \d+\.\d s", "in s", second)
