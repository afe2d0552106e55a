"""What changed since a baseline, as a person reads it: plain lines, aligned, for any width."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from gradcheck.baseline.changes import ArrayChange, Comparison, LayerChange, State
from gradcheck.findings import value_text

_MARKS: dict[State, tuple[str, str]] = {
    "changed": ("X", "CHANGED"),
    "signature-changed": ("X", "SIGNATURE CHANGED"),
    "raises": ("!", "RAISES NOW"),
    "not-deterministic": ("!", "NOT DETERMINISTIC"),
    "unreadable": ("!", "CANNOT BE CALLED"),
    "gone": ("X", "GONE"),
    "rounding": ("~", "within rounding"),
    "same": ("ok", "same"),
    "new": ("+", "new"),
    "not-compared": ("-", "not compared"),
}
_LABEL = 15
_WIDEST_NAME = 44
_MOST_ARRAYS = 6
_MOST_TOLD = 120  # characters: how a layer might be read instead is for gradcheck list
_NOISIER = 16.0  # times more rounding than before is worth a word
_DIGITS = (7, 10, 13, 17)


def change_lines(comparison: Comparison, width: int = 100) -> Iterator[str]:
    """Yield the lines, none longer than ``width`` unless a single word is."""
    layers = comparison.layers
    names = min(max((len(one.symbol) for one in layers), default=0), _WIDEST_NAME)
    places = max((len(_place(one)) for one in layers), default=0)
    words = max((len(_MARKS[one.state][1]) for one in layers), default=0)
    for source in dict.fromkeys(one.source for one in layers):
        yield source
        for one in layers:
            if one.source == source:
                mark, word = _MARKS[one.state]
                start = f"  {mark:<2}  {one.symbol:<{names}}  {_place(one):<{places}}  "
                yield from _folded(f"{start}{word:<{words}}  ", "; ".join(_facts(one)), width)
        yield ""
    for one in layers:
        if one.arrays:
            yield from (*_detail(one, width), "")
    if comparison.notes:
        yield "Notes"
        for note in comparison.notes:
            yield from _folded("  ", note, width)
        yield ""
    cases = sum(one.cases for one in layers)
    yield f"{comparison.summary()}; {cases} cases in {comparison.seconds:.1f} s"


def _facts(layer: LayerChange) -> Iterator[str]:
    if layer.why:
        yield textwrap.shorten(layer.why, _MOST_TOLD, placeholder=" ...")
    arrays = [one.array for one in layer.arrays if one.array]
    if arrays:
        yield ", ".join(arrays)
    told = {"changed": layer.changed, "within rounding": layer.rounding, "same": layer.same}
    counted = [f"{count} {word}" for word, count in told.items() if count]
    if layer.cases and counted:
        yield f"{layer.cases} cases" + (f": {', '.join(counted)}" if len(counted) > 1 else "")
    if layer.state == "rounding":
        yield f"at most {layer.ratio:.1g} of the bound"
    if layer.noisier >= _NOISIER:
        yield f"it computes with {layer.noisier:.0e} times the rounding that it had"
    if layer.state == "new":
        yield "nothing is recorded of it"


def _detail(layer: LayerChange, width: int) -> Iterator[str]:
    first = layer.arrays[0]
    yield f"{layer.symbol}: {_headline(layer, first)}"
    for one in layer.arrays[:_MOST_ARRAYS]:
        if one.array:
            label = one.array if len(one.array) < _LABEL - 1 else f"{one.array} "
            text = _where(one, layer.cases)
            if one.smallest.number != first.smallest.number:
                text += f"; smallest case: {_sizes(one)}"
            yield from _folded(f"  {label:<{_LABEL}}", text, width)
    if len(layer.arrays) > _MOST_ARRAYS:
        yield f"  {'':<{_LABEL}}... and {len(layer.arrays) - _MOST_ARRAYS} more"
    yield from _folded(f"  {'smallest case':<{_LABEL}}", _sizes(first), width)
    for name, values in first.smallest.values.items():
        yield from _folded(f"  {'':<{_LABEL}}", f"{name} = {value_text(values)}", width)


def _headline(layer: LayerChange, first: ArrayChange) -> str:
    if not first.array:
        return layer.why
    others = len(layer.arrays) - 1
    more = f" and {others} more result{'s' * (others > 1)}" if others else ""
    verb = "are others" if others else "is another one"
    return f"{first.array}{more} {verb} than recorded"


def _where(one: ArrayChange, cases: int) -> str:
    share = f"in {one.cases} of {cases} cases"
    if one.what:
        return f"{one.what} ({share})"
    before, now = _apart(one.before, one.now)
    place = f"[{', '.join(map(str, one.index))}] " if one.index else ""
    elements = f"{one.elements} of {one.total} elements, " if one.total > 1 else ""
    return (
        f"{place}is {now}, was {before}: off by {one.off:.2g}, {one.ratio:.2g} times the rounding "
        f"bound {one.bound:.1g} ({elements}{share})"
    )


def _sizes(one: ArrayChange) -> str:
    case = one.smallest
    axes = " ".join(f"{name}={size}" for name, size in case.axes.items())
    return f"{axes or 'no axes'} (case {case.number}, {case.regime} values)"


def _apart(before: float, now: float) -> Sequence[str]:
    """Return two numbers in as many digits as tell them apart."""
    for digits in _DIGITS:
        told = [f"{one:.{digits}g}" for one in (before, now)]
        if told[0] != told[1]:
            break
    return told


def _place(one: LayerChange) -> str:
    return f"line {one.line}" if one.line else ""


def _folded(start: str, text: str, width: int) -> Iterator[str]:
    """Yield ``text`` behind ``start``, its further lines below its first."""
    lines = textwrap.wrap(
        text,
        max(width - len(start), 24),
        break_long_words=False,
        break_on_hyphens=False,
    )
    indent = " " * len(start)
    first, *rest = lines or [""]
    yield (start + first).rstrip()
    yield from (indent + line for line in rest)
