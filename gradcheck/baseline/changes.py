"""What a comparison says, as frozen records: numbers stay numbers until a renderer makes text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from gradcheck.findings import json_builtins

SCHEMA = "gradcheck.comparison/1"

State = Literal[
    "changed",
    "signature-changed",  # it cannot be called as it was
    "raises",  # it raises at a case where it did not
    "not-deterministic",  # it gives another answer every time, and did not
    "unreadable",  # no way to call it was found any more
    "gone",
    "rounding",  # other bits, by no more than rounding moves them
    "same",
    "new",  # nothing is recorded of it
    "not-compared",  # nothing was recorded of it that could be compared
]
CHANGED: tuple[State, ...] = (
    "changed",
    "signature-changed",
    "raises",
    "not-deterministic",
    "unreadable",
    "gone",
)
"""The states that make a comparison fail."""


class SmallCase(msgspec.Struct, frozen=True, kw_only=True):
    """The case with the fewest elements in which something shows; ``number`` counts from 1."""

    number: int
    size: int
    regime: str = ""
    axes: Mapping[str, int] = {}
    values: Mapping[str, Any] = {}


class ArrayChange(msgspec.Struct, frozen=True, kw_only=True):
    """One result that changed, at its worst element in its smallest case.

    ``bound`` is what rounding may do there, ``ratio`` how many times that it moved. Where the array
    as a whole is another one (its shape, its dtype) ``what`` says so, and there is no element.
    """

    array: str
    cases: int
    smallest: SmallCase
    what: str = ""
    index: tuple[int, ...] = ()
    before: float = 0.0
    now: float = 0.0
    off: float = 0.0
    bound: float = 0.0
    ratio: float = 0.0
    elements: int = 0
    total: int = 0


class LayerChange(msgspec.Struct, frozen=True, kw_only=True):
    """One layer: its state, and in how many of its cases it is the same, rounded or changed.

    ``ratio`` is the largest difference of all, in units of its bound; ``noisier`` how many times
    more rounding the layer computes with than it did, where that was looked at.
    """

    source: str
    symbol: str
    line: int | None = None
    state: State
    why: str = ""
    cases: int = 0
    same: int = 0
    rounding: int = 0
    changed: int = 0
    arrays: tuple[ArrayChange, ...] = ()
    ratio: float = 0.0
    noisier: float = 1.0

    @property
    def fails(self) -> bool:
        """Whether the layer is another one than was recorded."""
        return self.state in CHANGED


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """All layers of one comparison, those that changed first; schema ``gradcheck.comparison/1``."""

    schema: str = SCHEMA
    version: str
    baseline: str
    recorded_with: str = ""
    layers: tuple[LayerChange, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def changed(self) -> tuple[LayerChange, ...]:
        """The layers that are others than were recorded."""
        return tuple(one for one in self.layers if one.fails)

    def summary(self) -> str:
        """Return one line: how many layers, and how they fared."""
        order = (*CHANGED, "rounding", "same", "new", "not-compared")
        words = {"rounding": "within rounding", "not-compared": "not compared"}
        counts = Counter(one.state for one in self.layers)
        told = [f"{counts[s]} {words.get(s, s.replace('-', ' '))}" for s in order if counts[s]]
        noun = "layer" if len(self.layers) == 1 else "layers"
        return f"{len(self.layers)} {noun}: " + (", ".join(told) or "nothing compared")

    def to_json(self, *, indent: int = 2) -> str:
        """Return the comparison for a machine; non-finite numbers are written as strings."""
        plain = json_builtins(msgspec.to_builtins(self))
        plain["changed"] = bool(self.changed)
        return msgspec.json.format(msgspec.json.encode(plain), indent=indent).decode()

    def raise_if_changed(self) -> None:
        """Raise :class:`AssertionError` with the report as its text, if a layer changed."""
        __tracebackhide__ = True
        if self.changed:
            raise AssertionError(str(self))

    def __str__(self) -> str:
        from gradcheck.report.changes import change_lines

        return "\n".join(change_lines(self))
