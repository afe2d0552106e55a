"""Numbers, texts and arrays as bytes, in a fixed order; what is read back is bounded everywhere.

Whoever reads knows what must come next, so nothing says of itself what it is, and there is no
grammar that could be abused. Little-endian; an array is a label of the reader's choice, a dtype
code, its number of axes, its shape, and its elements in C order, which start at a multiple of 16
bytes.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from gradcheck.subject import Array

DTYPES = tuple(
    np.dtype(one)
    for one in ("f8", "f4", "f2", "g", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "?", "c16")
)
_CODES = {one: code for code, one in enumerate(DTYPES)}
_MOST_AXES = 8
NAME, SENTENCE, PAGE, SEVERAL = 200, 2000, 4000, 64
"""How long texts may be, in bytes, and how many things a list may have."""
_ALIGNED = 16
_ZEROS = bytes(_ALIGNED)
_NUMBER = struct.Struct("<q")
_REAL = struct.Struct("<d")
_HEADS = tuple(struct.Struct(f"<HBB{axes}Q") for axes in range(_MOST_AXES + 1))
_SHORT = 64  # bytes of a text that is remembered
_LONGEST_AXIS = 2**40  # of an array without elements
# What makes a log of continuous integration act: ::error file=...::text, ##vso[...], ##[group].
_COMMAND = re.compile(r"(?<!\S)::(?=\S)|##(?=\w*\[)")


class Malformed(Exception):
    """What came from a worker is not what must come; the text says what is wrong."""


class Writer:
    """Puts values one after another."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def raw(self, data: bytes) -> None:
        """Add bytes as they are."""
        self._parts.append(data)
        self._size += len(data)

    def number(self, value: int) -> None:
        """Add a whole number of 64 bits."""
        self.raw(_NUMBER.pack(value))

    def real(self, value: float) -> None:
        """Add a double."""
        self.raw(_REAL.pack(value))

    def text(self, value: str, most: int) -> None:
        """Add a text, cut off after ``most`` bytes."""
        data = str(value).encode("utf-8", "backslashreplace")[:most]
        self.raw(_NUMBER.pack(len(data)))
        self.raw(data)

    def texts(self, values: Sequence[str], most: int, longest: int) -> None:
        """Add at most ``most`` texts."""
        self.number(min(len(values), most))
        for value in values[:most]:
            self.text(value, longest)

    def blob(self, data: bytes) -> None:
        """Add bytes with their number."""
        self.raw(_NUMBER.pack(len(data)))
        self.raw(data)

    def array(self, array: Array, label: int = 0) -> None:
        """Add an array of a dtype of :data:`DTYPES` with at most 8 axes; ``label`` has 16 bits."""
        axes = array.ndim
        head = _HEADS[axes].pack(label, _CODES[array.dtype], axes, *array.shape)
        gap = -(self._size + len(head)) % _ALIGNED
        self.raw(b"".join((head, _ZEROS[:gap], array.tobytes())))

    def done(self) -> bytes:
        """Return all of it."""
        return b"".join(self._parts)


def fits(array: Any) -> str:
    """Return why an array cannot be put into bytes, empty where it can."""
    if array.dtype not in _CODES:
        return f"an array of dtype {array.dtype.name}"
    return f"an array with {array.ndim} axes" if array.ndim > _MOST_AXES else ""


class Reader:
    """Takes values in the order in which they were put, and believes none of them.

    ``largest`` bounds the bytes of one array.

    Raises
    ------
    Malformed
        From every method: what is there is not what must come.
    """

    def __init__(self, data: bytes, largest: int = 64 << 20) -> None:
        self._data, self._at, self._largest = data, 0, largest

    def number(self, least: int = 0, most: int = 2**63 - 1) -> int:
        """Take a whole number in a range."""
        (value,) = _NUMBER.unpack_from(self._data, self._past(8))
        if not least <= value <= most:
            raise Malformed(f"a number outside [{least}, {most}]")
        return int(value)

    def real(self) -> float:
        """Take a double, finite or not."""
        (value,) = _REAL.unpack_from(self._data, self._past(8))
        return float(value)

    def text(self, most: int) -> str:
        """Take a text as one line, in which nothing can act on a terminal or a log."""
        size = self.number(0, most)
        start = self._past(size)
        data = self._data[start : start + size]
        return _short(data) if size <= _SHORT else _line(data)

    def blob(self, most: int) -> bytes:
        """Take bytes, at which nobody looks here."""
        size = self.number(0, most)
        start = self._past(size)
        return self._data[start : start + size]

    def lines(self, most: int) -> str:
        """Take a text of several lines; those after the first are indented."""
        size = self.number(0, most)
        start = self._past(size)
        first, *others = self._data[start : start + size].decode(
            "utf-8", "replace"
        ).splitlines() or [""]
        indented = (one if one.startswith(" ") else f"  {one}" for one in map(harmless, others))
        return "\n".join([harmless(first), *indented])

    def texts(self, most: int, longest: int) -> tuple[str, ...]:
        """Take a number of texts."""
        return tuple(self.text(longest) for _ in range(self.number(0, most)))

    def fixed(self, record: struct.Struct) -> tuple[int, ...]:
        """Take the numbers of a record, which anything may stand in."""
        return record.unpack_from(self._data, self._past(record.size))

    def array(self) -> Array:
        """Take an array: read-only, its memory shared with nobody else's."""
        return self.labelled()[1]

    def labelled(self) -> tuple[int, Array]:
        """Take an array with its label."""
        data, start = self._data, self._past(_HEADS[0].size)
        code, axes = data[start + 2], data[start + 3]
        if code >= len(DTYPES) or axes > _MOST_AXES:
            raise Malformed(f"an array with dtype code {code} and {axes} axes")
        self._past(8 * axes)
        label, _, _, *shape = _HEADS[axes].unpack_from(data, start)
        dtype, count = DTYPES[code], prod(shape)
        size = count * dtype.itemsize
        if size > self._largest or (not count and max(shape) > _LONGEST_AXIS):
            raise Malformed(f"an array of shape {tuple(shape)}, more than {self._largest} bytes")
        gap = -self._at % _ALIGNED
        start = self._past(gap + size) + gap
        if not count:
            return label, _empty(tuple(shape), dtype)
        array: Array = np.ndarray(shape, dtype, data, start)  # of bytes: it cannot be written to
        if dtype.kind == "b":  # a byte that is neither 0 nor 1 is no boolean to NumPy's loops
            array = array.view(np.uint8) != 0
            array.flags.writeable = False
        return label, array

    def end(self) -> None:
        """See that nothing is left."""
        if self._at != len(self._data):
            raise Malformed(f"{len(self._data) - self._at} bytes too many")

    def _past(self, size: int) -> int:
        start = self._at
        if start + size > len(self._data):
            raise Malformed("it ends too early")
        self._at += size
        return start


def _empty(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    try:
        array = np.empty(shape, dtype)
    except ValueError:  # no elements, and other axes that NumPy cannot count
        raise Malformed(f"an array of shape {shape}") from None
    array.flags.writeable = False
    return array


def _line(data: bytes) -> str:
    return harmless(data.decode("utf-8", "replace"))


_short = lru_cache(maxsize=1024)(_line)  # names of arrays, again and again


def harmless(text: str) -> str:
    """Return a text as one printable line: control and direction marks become escapes."""
    if text.isascii() and text.isidentifier():
        return text
    if not text.isprintable():
        text = "".join(one if one.isprintable() else _escaped(one) for one in text)
    return _COMMAND.sub(lambda found: " ".join(found[0]), text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()
