"""Sliding windows over the spatial axes of images (N, C, ...), and the adjoint of taking them.

Convolution and pooling are both sums or maxima over windows; what they share is this: cutting the
windows out, and adding gradients of windows back to the pixels that they came from. Everything
holds for one spatial axis (signals) and for two (images) alike.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from layers.layer import Array

Sizes: TypeAlias = int | tuple[int, ...]
"""One whole number for all spatial axes, or one for each."""


def per_axis(value: Sizes, axes: int, least: int, name: str) -> tuple[int, ...]:
    """Return ``value`` as one number for each axis; ValueError names what does not fit."""
    numbers: tuple[Any, ...] = tuple(value) if isinstance(value, (tuple, list)) else (value,) * axes
    whole = all(isinstance(number, (int, np.integer)) and number >= least for number in numbers)
    if len(numbers) != axes or not whole:
        raise ValueError(
            f"{name} must be a whole number of at least {least}, or a tuple of {axes}, got {value}"
        )
    return tuple(int(number) for number in numbers)


def extents(size: Sequence[int], dilation: Sequence[int]) -> tuple[int, ...]:
    """Return how many pixels a window spans: K cells that lie ``dilation`` apart."""
    return tuple(d * (k - 1) + 1 for k, d in zip(size, dilation, strict=True))


def padded(x: Array, before: Sequence[int], after: Sequence[int], value: float = 0.0) -> Array:
    """Return a copy of x with so many pixels of ``value`` around it."""
    margins = [(0, 0), (0, 0), *zip(before, after, strict=True)]
    return np.pad(x, margins, constant_values=value)


def cropped(x: Array, before: Sequence[int], lengths: Sequence[int]) -> Array:
    """View the ``lengths`` pixels of x that follow the first ``before``: undo ``padded``."""
    inner = (slice(b, b + length) for b, length in zip(before, lengths, strict=True))
    return x[(slice(None), slice(None), *inner)]


def windows(x: Array, size: Sequence[int], stride: Sequence[int], dilation: Sequence[int]) -> Array:
    """View x: (N, C, H, V) as its windows (N, C, K, L, P, Q), without copying anything.

    windows[n, c, k, l, p, q] = x[n, c, p*stride + k*dilation, q*stride + l*dilation], with
    P = (H - dilation*(K-1) - 1) // stride + 1 and Q likewise; one axis: (N, C, K, P). The caller
    has made sure that there is at least one window.
    """
    axes = tuple(range(2, x.ndim))
    every = np.lib.stride_tricks.sliding_window_view(x, extents(size, dilation), axes)
    steps = (slice(None, None, step) for step in (*stride, *dilation))
    wanted = every[(slice(None), slice(None), *steps)]
    return np.moveaxis(wanted, tuple(range(-len(axes), 0)), axes)


def add_windows(
    cells: Array, shape: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> Array:
    """Return the array of ``shape`` in which each pixel is the sum of all cells that view it.

    The adjoint of ``windows``: sum(windows(x) * cells) = sum(x * add_windows(cells, x.shape)). So
    it takes the gradient of the windows to the gradient of x. Pixels that lie in no window get
    zero. ``cells`` has the shape (N, C, K, L, P, Q), or (N, C, K, P) for one axis.
    """
    axes = len(shape) - 2
    size, positions = cells.shape[2 : 2 + axes], cells.shape[2 + axes :]
    total = np.zeros(shape, cells.dtype)
    # One step for each cell of the window, not for each window: windows overlap, but the pixels
    # that one cell sees as the window moves are all different, and make one strided slice.
    for cell in np.ndindex(*size):
        starts = [k * d for k, d in zip(cell, dilation, strict=True)]
        seen = (
            slice(first, first + s * (count - 1) + 1, s)
            for first, s, count in zip(starts, stride, positions, strict=True)
        )
        total[(slice(None), slice(None), *seen)] += cells[(slice(None), slice(None), *cell)]
    return total
