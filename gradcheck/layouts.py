"""Memory layouts of an array: the same values, laid out as callers lay them out.

A batch that is a slice, a transposed weight, a reversed sequence, an upstream gradient that
``np.broadcast_to`` made: all are ordinary arrays to NumPy, and layers that look at memory and not
at elements (``view``, ``strides``, ``order="K"``) tell them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from gradcheck.subject import Array

_GAP = 7.0  # what lies in memory between the elements of a strided array


def laid_out(array: Array, layout: str) -> Array:
    """Return a copy of ``array`` in a layout of :data:`LAYOUTS`.

    Where an array cannot have the layout (no axes, rows that differ), it is copied as it is.

    Raises
    ------
    KeyError
        There is no such layout.
    """
    make = LAYOUTS[layout]
    return make(array) if np.ndim(array) and np.size(array) else np.array(array)


def _strided(array: Array) -> Array:
    wide = np.full((*array.shape[:-1], 2 * array.shape[-1]), _GAP).astype(array.dtype)
    wide[..., ::2] = array
    return wide[..., ::2]


def _reversed(array: Array) -> Array:
    backwards = tuple(slice(None, None, -1) for _ in array.shape)
    return np.array(array[backwards])[backwards]


def _sliced(array: Array) -> Array:
    """The rows of a larger batch."""
    large = np.full((array.shape[0] + 2, *array.shape[1:]), _GAP).astype(array.dtype)
    large[1:-1] = array
    return large[1:-1]


def _broadcast(array: Array) -> Array:
    same = bool((array == array[:1]).all())
    return np.broadcast_to(array[:1].copy(), array.shape) if same else np.array(array)


def _read_only(array: Array) -> Array:
    copy = np.array(array)
    copy.flags.writeable = False
    return copy


LAYOUTS: Mapping[str, Callable[[Array], Array]] = {
    "given": lambda array: np.array(array),
    "Fortran-ordered": lambda array: np.array(array, order="F"),
    "strided": _strided,
    "reversed": _reversed,
    "sliced": _sliced,
    "broadcast": _broadcast,
    "read-only": _read_only,
}
"""Layouts by the word that a message has for them; ``given`` is a plain copy."""
