"""What runs inside one call of a layer: how often its forward, and whose packages."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

from gradcheck.conventions.arguments import Call


@dataclass
class Profile:
    """How often a forward ran, and the installed packages whose functions were called."""

    forward_calls: int = 0
    packages: set[str] = field(default_factory=set)


def forward_code(calls: Iterable[Call], layer: Any) -> frozenset[CodeType]:
    """Return the code of the functions that forward is."""
    codes = set()
    for call in calls:
        target: Any = call.target
        if isinstance(target, str):
            target = getattr(type(layer), target or "__call__", None)
        code = getattr(inspect.unwrap(target), "__code__", None) if callable(target) else None
        codes |= {code} if isinstance(code, CodeType) else set()
    return frozenset(codes)


@contextlib.contextmanager
def profiled(forward: frozenset[CodeType]) -> Iterator[Profile]:
    """Watch what is called; where another profiler is at work, nothing is seen."""
    seen = Profile()
    if sys.getprofile() is not None:  # cProfile's cannot be put back from here
        yield seen
        return

    def watch(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            seen.forward_calls += frame.f_code in forward
            if "-packages" in frame.f_code.co_filename:  # a hand-in may have an autograd.py
                seen.packages.add(str(frame.f_globals.get("__name__", "")).partition(".")[0])

    sys.setprofile(watch)
    try:
        yield seen
    finally:
        sys.setprofile(None)
