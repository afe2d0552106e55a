"""Sliding windows over one or two spatial axes, and what becomes of their gradients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradcheck.subject import Array

Place = tuple[Any, ...]


def per_axis(value: Any, axes: int) -> tuple[int, ...]:
    """Return an option such as a stride as one number for each spatial axis."""
    return tuple(value) if isinstance(value, (tuple, list)) else (int(value),) * axes


def places(
    size: tuple[int, ...],
    counts: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
) -> Iterator[tuple[tuple[int, ...], Place]]:
    """Yield each window in row-major order: its number, and the slices of an image it sees."""
    for window in np.ndindex(*counts):
        seen = tuple(
            slice(p * s, p * s + d * (k - 1) + 1, d)
            for p, s, d, k in zip(window, stride, dilation, size, strict=True)
        )
        yield window, (Ellipsis, *seen)


def _last(keys: Place) -> Place:
    """Return the key of the last axes."""
    return (Ellipsis, *keys)


def _first(keys: Place) -> Place:
    """Return the key of the axes behind samples and channels."""
    return (slice(None), slice(None), *keys)


def overwritten(
    cells: Array, shape: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> Array:
    """Write the windows (N, C, K.., P..) into an image, the later ones over the earlier ones."""
    axes = len(stride)
    image = np.zeros(shape, cells.dtype)
    size, counts = cells.shape[2 : 2 + axes], cells.shape[2 + axes :]
    for window, seen in places(size, counts, stride, dilation):
        image[seen] = cells[_last(window)]
    return image


def overwritten_by_cell(
    cells: Array, shape: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> Array:
    """The same cell by cell of the window, as col2im does it: later cells over earlier ones."""
    axes = len(stride)
    image = np.zeros(shape, cells.dtype)
    size, counts = cells.shape[2 : 2 + axes], cells.shape[2 + axes :]
    for cell in np.ndindex(*size):
        seen: Place = tuple(
            slice(k * d, k * d + s * (count - 1) + 1, s)
            for k, d, s, count in zip(cell, dilation, stride, counts, strict=True)
        )
        image[_last(seen)] = cells[_first(cell)]
    return image


def added(
    cells: Array, shape: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> Array:
    """Add the windows up in an image: the right way."""
    axes = len(stride)
    image = np.zeros(shape, cells.dtype)
    size, counts = cells.shape[2 : 2 + axes], cells.shape[2 + axes :]
    for window, seen in places(size, counts, stride, dilation):
        image[seen] += cells[_last(window)]
    return image


def cropped(image: Array, before: tuple[int, ...], lengths: tuple[int, ...]) -> Array:
    """Return ``lengths`` pixels of each spatial axis that follow the first ``before``."""
    inner = (slice(b, b + length) for b, length in zip(before, lengths, strict=True))
    return image[(slice(None), slice(None), *inner)]


def corner(values: Array, shape: tuple[int, ...]) -> Array:
    """Return zeros of ``shape`` with ``values``, or what fits of them, in the first corner."""
    found = np.zeros(shape, values.dtype)
    inner = tuple(slice(0, min(one, n)) for one, n in zip(values.shape, shape, strict=True))
    found[inner] = values[inner]
    return found
