"""Reading code that is not ours, without running what need not run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcheck.sources.absent import Absent as Absent
    from gradcheck.sources.in_memory import read_in_memory as read_in_memory
    from gradcheck.sources.source import Definition as Definition
    from gradcheck.sources.source import Source as Source
    from gradcheck.sources.source import SourceModule as SourceModule
    from gradcheck.sources.target import read_source as read_source

_LAZY = {
    "Absent": "absent",
    "Definition": "source",
    "Source": "source",
    "SourceModule": "source",
    "read_in_memory": "in_memory",
    "read_source": "target",
}

__all__ = ["Absent", "Definition", "Source", "SourceModule", "read_in_memory", "read_source"]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'gradcheck.sources' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"gradcheck.sources.{_LAZY[name]}"), name)
