"""What a hand-in holds, as bytes: modules, what may be a layer in them, what was passed over."""

from __future__ import annotations

from gradcheck.conventions.candidates import Candidate
from gradcheck.sandbox.descriptions import symbol_of
from gradcheck.sandbox.packing import NAME, PAGE, SENTENCE, Malformed, Reader, Writer
from gradcheck.sources import Definition, SourceModule

_MOST_MODULES, _MOST = 1024, 1024
Held = tuple[SourceModule, tuple[Candidate, ...], dict[str, str]]
"""A module, its candidates, and why other definitions are none."""
Listing = tuple[list[Held], dict[str, str]]
"""The modules, and why others could not be read."""


def pack_listing(held: list[Held], unread: dict[str, str]) -> bytes:
    """Return as bytes what was read."""
    writer = Writer()
    writer.number(min(len(held), _MOST_MODULES))
    for module, candidates, passed_over in held[:_MOST_MODULES]:
        writer.text(module.path, NAME)
        writer.texts(module.notes, 64, SENTENCE)
        writer.number(min(len(module.definitions), _MOST))
        for definition in module.definitions[:_MOST]:
            writer.text(definition.name, NAME)
            writer.number(definition.line or 0)
            writer.text(definition.place, NAME)
        writer.number(min(len(candidates), _MOST))
        for one in candidates[:_MOST]:
            writer.text(one.symbol, NAME)
            writer.number(one.line or 0)
            writer.text(one.place, NAME)
            writer.text(one.unfinished, NAME)
        _pack_reasons(writer, passed_over)
    _pack_reasons(writer, unread)
    return writer.done()


def unpack_listing(data: bytes) -> Listing:
    """Return what a worker says that it read; nothing of it is alive here.

    Raises
    ------
    Malformed
        It is no listing, or names a layer twice.
    """
    reader = Reader(data)
    held = [_unpack_module(reader) for _ in range(reader.number(0, _MOST_MODULES))]
    unread = _unpack_reasons(reader)
    reader.end()
    return held, unread


def _unpack_module(reader: Reader) -> Held:
    path, notes = reader.text(NAME), reader.texts(64, SENTENCE)
    definitions = tuple(
        Definition(reader.text(NAME), reader.number(0, 10**9) or None, None, reader.text(NAME))
        for _ in range(reader.number(0, _MOST))
    )
    candidates = tuple(
        Candidate(
            symbol_of(reader.text(NAME)),
            reader.number(0, 10**9) or None,
            reader.text(NAME),
            unfinished=reader.text(NAME),
        )
        for _ in range(reader.number(0, _MOST))
    )
    if len({(one.place, one.symbol) for one in candidates}) < len(candidates):
        raise Malformed("two layers of one name")
    return SourceModule(path, definitions, {}, notes), candidates, _unpack_reasons(reader)


def _pack_reasons(writer: Writer, reasons: dict[str, str]) -> None:
    writer.number(min(len(reasons), _MOST))
    for name, why in list(reasons.items())[:_MOST]:
        writer.text(name, NAME)
        writer.text(why, PAGE)


def _unpack_reasons(reader: Reader) -> dict[str, str]:
    return {reader.text(NAME): reader.lines(PAGE) for _ in range(reader.number(0, _MOST))}
