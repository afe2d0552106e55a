"""A run of pytest that checks no layer pays nothing for the plugin."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"numpy", "hypothesis", "rich", "msgspec", "click", "layers"}
LISTS_MODULES = """
import sys
def pytest_unconfigure():
    print("loaded:", *sorted(sys.modules), flush=True)
"""


@pytest.mark.parametrize(
    "tests", ["", "def test_a(): pass\nclass TestB:\n    def test_c(self): pass\n"]
)
def test_nothing_heavy_is_loaded_where_no_layer_is_named(tmp_path: Path, tests: str) -> None:
    (tmp_path / "conftest.py").write_text(LISTS_MODULES)
    (tmp_path / "pyproject.toml").write_text("[tool.other]\nname = 'neither layers'\n")
    if tests:
        (tmp_path / "test_a.py").write_text(tests)
    command = [sys.executable, "-m", "pytest", "--co", "-p", "no:hypothesispytest"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    (line,) = [one for one in done.stdout.splitlines() if one.startswith("loaded: ")]
    loaded = set(line.split()[1:])
    assert "gradcheck.pytest_plugin" in loaded
    assert not HEAVY & loaded
    ours = {name for name in loaded if name.startswith("gradcheck.")}
    assert ours == {"gradcheck.pytest_plugin"}
