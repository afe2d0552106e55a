"""How a layer's own arrays are those of a kind, as bytes."""

from __future__ import annotations

from gradcheck.meaning import Meaning
from gradcheck.sandbox.forms import (
    pack_options,
    pack_texts,
    plain,
    some,
    unpack_options,
    unpack_texts,
)
from gradcheck.sandbox.packing import NAME, Malformed, Reader, Writer
from gradcheck.sandbox.plain_values import pack_value, unpack_value


def pack_meaning(writer: Writer, one: Meaning) -> None:
    """Add a meaning."""
    writer.text(one.kind, NAME)
    writer.number(len(one.arrays))
    for own, (theirs, order) in one.arrays.items():
        writer.text(own, NAME)
        writer.text(theirs, NAME)
        pack_value(writer, tuple(order))
    writer.number(len(one.outputs))
    for own, (number, order) in one.outputs.items():
        writer.text(own, NAME)
        writer.number(number)
        pack_value(writer, tuple(order))
    pack_texts(writer, one.options)
    pack_options(writer, {name: (value,) for name, value in one.fixed.items() if plain((value,))})
    writer.number(int(one.loose))
    pack_options(
        writer, {name: values for name, values in one.excluded.items() if values and plain(values)}
    )


def unpack_meaning(reader: Reader) -> Meaning:
    """Take a meaning, whose kind nobody has looked at yet."""
    kind = reader.text(NAME)
    arrays = {reader.text(NAME): (reader.text(NAME), _order(reader)) for _ in some(reader)}
    outputs = {reader.text(NAME): (reader.number(0, 16), _order(reader)) for _ in some(reader)}
    options = unpack_texts(reader)
    fixed = {name: values[0] for name, values in unpack_options(reader).items()}
    loose = bool(reader.number(0, 1))
    return Meaning(kind, arrays, outputs, options, fixed, loose, unpack_options(reader))


def _order(reader: Reader) -> tuple[int, ...]:
    value = unpack_value(reader)
    if not isinstance(value, tuple) or not all(type(one) is int for one in value):
        raise Malformed("no order of axes")
    return value
