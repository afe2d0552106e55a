from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gradcheck.cli import main


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch):
    def command(*arguments: object) -> int:
        monkeypatch.setattr(sys, "argv", ["gradcheck", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        return int(stop.value.code or 0)

    return command
