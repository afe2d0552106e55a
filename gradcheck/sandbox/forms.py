"""Signatures as bytes, and the mappings of names that go with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

from gradcheck.sandbox.packing import NAME, SENTENCE, SEVERAL, Malformed, Reader, Writer
from gradcheck.sandbox.plain_values import pack_value, unpack_value
from gradcheck.signature import ArraySpec, Role, Signature

_ROLES: tuple[Any, ...] = get_args(Role)
_DOMAINS = ("real", "positive", "nonzero", "unit", "probabilities", "one-hot", "mask", "labels")
_TERM = re.compile(r"[\w+\-*/() ]{0,80}|\.\.\.")
_LONG_NUMBER = re.compile(r"\d{5,}")


def pack_form(writer: Writer, form: Signature) -> None:
    """Add a signature."""
    for specs in (form.arrays, form.outputs):
        writer.number(len(specs))
        for one in specs:
            writer.text(one.name, NAME)
            writer.texts(one.axes, 8, 80)
            writer.number(_ROLES.index(one.role))
            writer.number(_DOMAINS.index(one.domain))
            writer.text(one.below, 80)
            writer.text(one.least, 80)
    pack_options(writer, dict(form.when))


def unpack_form(reader: Reader) -> Signature:
    """Take a signature.

    Raises
    ------
    Malformed
        It cannot be one.
    """
    arrays = tuple(_unpack_spec(reader) for _ in range(reader.number(0, 32)))
    outputs = tuple(_unpack_spec(reader) for _ in range(reader.number(1, 16)))
    names = [one.name for one in (*arrays, *outputs)]
    if len(set(names)) < len(names) or any(
        (one.role == "output") == (one in arrays) for one in (*arrays, *outputs)
    ):
        raise Malformed("a signature with an array at two places")
    if any(one.open for one in arrays):
        raise Malformed("an array of any shape that goes in")
    when = tuple(unpack_options(reader).items())
    form = Signature(arrays, outputs, when)
    if len(form.free_axes) > 16:
        raise Malformed("a signature with more than 16 axes")
    return form


def _unpack_spec(reader: Reader) -> ArraySpec:
    name = reader.text(NAME)
    if not name.isidentifier():
        raise Malformed(f"an array called {name!r}")
    axes = reader.texts(8, 80)
    role, domain = _ROLES[reader.number(0, len(_ROLES) - 1)], _DOMAINS[reader.number(0, 7)]
    below, least = reader.text(80), reader.text(80)
    for term in (*axes, below, least):
        if (
            not _TERM.fullmatch(term)
            or _LONG_NUMBER.search(term)
            or (term == "..." and len(axes) > 1)
        ):
            raise Malformed(f"an axis {term!r}")
    return ArraySpec(name, axes, role, domain, below, least)


def plain(values: tuple[Any, ...]) -> bool:
    """Return whether values of an option are such as can be told."""
    try:
        for value in values:
            pack_value(Writer(), value)
    except TypeError:
        return False
    return True


def pack_options(writer: Writer, options: Mapping[str, tuple[Any, ...]]) -> None:
    """Add options with their values."""
    writer.number(len(options))
    for name, values in options.items():
        writer.text(name, NAME)
        pack_value(writer, tuple(values))


def unpack_options(reader: Reader) -> dict[str, tuple[Any, ...]]:
    """Take options with their values.

    Raises
    ------
    Malformed
        One has none.
    """
    options = {}
    for _ in some(reader):
        name, values = reader.text(NAME), unpack_value(reader)
        if not isinstance(values, tuple) or not values:
            raise Malformed(f"an option {name!r} without values")
        options[name] = values
    return options


def pack_texts(writer: Writer, texts: Mapping[str, str]) -> None:
    """Add a mapping of names to texts."""
    writer.number(min(len(texts), SEVERAL))
    for name, text in list(texts.items())[:SEVERAL]:
        writer.text(name, NAME)
        writer.text(text, SENTENCE)


def unpack_texts(reader: Reader) -> dict[str, str]:
    """Take a mapping of names to texts."""
    return {reader.text(NAME): reader.text(SENTENCE) for _ in some(reader)}


def some(reader: Reader) -> range:
    """Take a number of things, and count up to it."""
    return range(reader.number(0, SEVERAL))
