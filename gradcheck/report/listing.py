"""What was found in a source, as a person reads it: plain lines, aligned, for any width."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from gradcheck.inventory import Inventory, ListedLayer, ListedModule, PassedOver, Status

_WIDEST_NAME = 32
_WORDS: dict[Status, str] = {
    "read": "read",
    "faulty": "faulty",
    "not-attempted": "not attempted",
    "unusable": "cannot be called",
}
_DETAIL = 6  # columns before what belongs to the layer above


def listing_lines(inventory: Inventory, width: int = 100) -> Iterator[str]:
    """Yield the lines, none longer than ``width`` unless a single word is."""
    empty = [one.path for one in inventory.modules if not _has_something(one)]
    for module in inventory.modules:
        if _has_something(module):
            yield from (*_module(module, width), "")
    if empty:
        yield "no class and no function that could be a layer"
        yield from (*_folded("  ", ", ".join(empty), width), "")
    if inventory.unread:
        yield "not read"
        for path, why in inventory.unread.items():
            yield from _folded(f"  {path}: ", why, width)
        yield ""
    yield _last_line(inventory)


def _module(module: ListedModule, width: int) -> Iterator[str]:
    yield module.path
    names: list[ListedLayer | PassedOver] = [*module.layers, *module.passed_over]
    symbols = _column([one.symbol for one in names], _WIDEST_NAME)
    places = _column([_place(one) for one in names])
    read = [one for one in module.layers if one.status == "read"]
    conventions = _column([one.convention for one in read])
    kinds = _column([one.kind or "-" for one in read])
    for one in module.layers:
        start = f"  {one.symbol:<{symbols}}  {_place(one):<{places}}  "
        if one.status == "read":
            parameters = ", ".join(f"{name} ({grad})" for name, grad in one.parameters.items())
            start += f"{one.convention:<{conventions}}  {one.kind or '-':<{kinds}}  "
            yield from _folded(start, parameters, width)
            yield from _details(one, width)
        else:
            yield from _folded(start, f"{_WORDS[one.status]}: {one.why}", width)
    if module.passed_over:
        yield "  passed over"
    for other in module.passed_over:
        start = f"  {other.symbol:<{symbols}}  {_place(other):<{places}}  "
        yield from _folded(start, other.why, width)
    if module.notes:
        yield "  notes"
    for note in module.notes:
        yield from _folded("    ", note, width)


def _has_something(module: ListedModule) -> bool:
    return bool(module.layers or module.passed_over or module.notes)


def _details(layer: ListedLayer, width: int) -> Iterator[str]:
    indent = " " * _DETAIL
    if layer.signature:
        yield from _folded(f"{indent}arrays   ", layer.signature, width)
    told = {name: text for name, text in layer.assumptions.items() if name != "read as"}
    parts = [layer.assumptions.get("read as", ""), *(f"{a} {b}" for a, b in told.items())]
    yield from _folded(f"{indent}read as  ", "; ".join(part for part in parts if part), width)


def _place(one: ListedLayer | PassedOver) -> str:
    line = f"line {one.line}" if one.line else ""
    return ", ".join(part for part in (one.cell, line) if part)


def _column(texts: Sequence[str], most: int = 100) -> int:
    """Return the width of a column; a longer entry pushes its own line only."""
    return min(max(map(len, texts), default=0), most)


def _folded(start: str, text: str, width: int) -> Iterator[str]:
    """Yield ``text`` behind ``start``, its further lines below its first."""
    indent = min(len(start), width // 2)
    lines = textwrap.wrap(
        start + " ".join(text.split()),
        width,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
    yield from (line.rstrip() for line in lines or [start])


def _last_line(inventory: Inventory) -> str:
    layers = inventory.layers
    if not layers:
        return "no layer found"
    counts = Counter(one.status for one in layers)
    told = ", ".join(f"{counts[one]} {word}" for one, word in _WORDS.items() if counts[one])
    passed_over = sum(len(module.passed_over) for module in inventory.modules)
    more = f"; {passed_over} passed over" if passed_over else ""
    return f"{len(layers)} layer{'s' * (len(layers) != 1)}: {told}{more}"
