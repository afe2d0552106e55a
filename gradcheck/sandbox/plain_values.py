"""Values of options as bytes: none, truth values, whole numbers, doubles, words, tuples of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcheck.sandbox.packing import Malformed, Reader, Writer

_LARGEST = 4096  # a whole number is a size or a count: no padding of a billion
_LONGEST = 200
_MOST = 32


def pack_value(writer: Writer, value: Any, depth: int = 0) -> None:
    """Add one value.

    Raises
    ------
    TypeError
        It is of another type, or out of all proportion.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool):
        writer.number({None: 0, False: 1, True: 2}[value])
    elif type(value) is int and abs(value) <= _LARGEST:
        writer.number(3)
        writer.number(value)
    elif type(value) is float:
        writer.number(4)
        writer.real(value)
    elif type(value) is str and len(value.encode("utf-8", "backslashreplace")) <= _LONGEST:
        writer.number(5)
        writer.text(value, _LONGEST)
    elif type(value) is tuple and len(value) <= _MOST and depth < 3:
        writer.number(6)
        writer.number(len(value))
        for one in value:
            pack_value(writer, one, depth + 1)
    else:
        raise TypeError(f"no plain value: {type(value).__name__}")


def unpack_value(reader: Reader, depth: int = 0) -> Any:
    """Take one value.

    Raises
    ------
    Malformed
        It is none.
    """
    sort = reader.number(0, 6)
    if sort < 3:
        return (None, False, True)[sort]
    if sort == 3:
        return reader.number(-_LARGEST, _LARGEST)
    if sort == 4:
        return reader.real()
    if sort == 5:
        return reader.text(_LONGEST)
    if depth >= 3:
        raise Malformed("tuples in tuples in tuples")
    return tuple(unpack_value(reader, depth + 1) for _ in range(reader.number(0, _MOST)))
