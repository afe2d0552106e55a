"""The page shows what its commands print."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent.parent / "docs"


@pytest.mark.skipif(sys.platform != "linux", reason="the page edits its file with GNU sed")
def test_page_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DOCS))
    text = (DOCS / "regressions.md").read_text(encoding="utf-8")
    assert untimed(importlib.import_module("make_regressions").page()) == untimed(text)


def untimed(text: str) -> str:
    return re.sub(r"in \d+\.\d+ ?s", "in ... s", text)
