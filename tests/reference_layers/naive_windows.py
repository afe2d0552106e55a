"""Convolution, pooling and resampling pixel by pixel: slow, and too plain to be wrong.

Each function is given x and dout as well, and returns the output followed by all gradients, which
are collected term by term in the same loops. Sizes are pairs; images are (N, C, H, V).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Pair = tuple[int, int]


def each(*lengths: int) -> Iterator[tuple[int, ...]]:
    return itertools.product(*map(range, lengths))


def convolution_shape(x: Array, W: Array, stride: Pair, pad: Pair, dilation: Pair) -> Pair:
    """Count the places where the whole kernel lies on the padded image."""
    counts = []
    for axis in (0, 1):
        span = dilation[axis] * (W.shape[2 + axis] - 1) + 1
        wide = x.shape[2 + axis] + 2 * pad[axis]
        counts.append(sum(start + span <= wide for start in range(0, wide + 1, stride[axis])))
    return counts[0], counts[1]


def convolution(
    x: Array,
    W: Array,
    b: Array,
    dout: Array,
    stride: Pair,
    pad: Pair,
    dilation: Pair,
    groups: int,
) -> tuple[Array, Array, Array, Array]:
    (N, _, H, V), (filters, C, K, L) = x.shape, W.shape
    P, Q = convolution_shape(x, W, stride, pad, dilation)
    y = np.zeros((N, filters, P, Q))
    dx, dW, db = np.zeros(x.shape), np.zeros(W.shape), np.zeros(b.shape)
    for n, f, p, q in each(N, filters, P, Q):
        y[n, f, p, q] += b[f]
        db[f] += dout[n, f, p, q]
        for c, k, m in each(C, K, L):
            channel = f // (filters // groups) * C + c
            h = p * stride[0] + k * dilation[0] - pad[0]
            v = q * stride[1] + m * dilation[1] - pad[1]
            if 0 <= h < H and 0 <= v < V:
                y[n, f, p, q] += x[n, channel, h, v] * W[f, c, k, m]
                dx[n, channel, h, v] += dout[n, f, p, q] * W[f, c, k, m]
                dW[f, c, k, m] += dout[n, f, p, q] * x[n, channel, h, v]
    return y, dx, dW, db


def transposed_convolution(
    x: Array,
    W: Array,
    b: Array,
    dout: Array,
    stride: Pair,
    pad: Pair,
    dilation: Pair,
    groups: int,
) -> tuple[Array, Array, Array, Array]:
    """Read the output's shape, and so output_pad, from ``dout``."""
    (N, channels, P, Q), (_, F, K, L) = x.shape, W.shape
    y = np.zeros(dout.shape) + b[:, np.newaxis, np.newaxis]
    dx, dW = np.zeros(x.shape), np.zeros(W.shape)
    for n, c, p, q, f, k, m in each(N, channels, P, Q, F, K, L):
        filter_ = c // (channels // groups) * F + f
        h = p * stride[0] + k * dilation[0] - pad[0]
        v = q * stride[1] + m * dilation[1] - pad[1]
        if 0 <= h < y.shape[2] and 0 <= v < y.shape[3]:
            y[n, filter_, h, v] += x[n, c, p, q] * W[c, f, k, m]
            dx[n, c, p, q] += dout[n, filter_, h, v] * W[c, f, k, m]
            dW[c, f, k, m] += dout[n, filter_, h, v] * x[n, c, p, q]
    return y, dx, dW, dout.sum(axis=(0, 2, 3))


def starts(length: int, size: int, stride: int, pad: int, ceil: bool) -> list[int]:
    """List where windows begin, by walking along the image; the padding begins at -pad."""
    found, start, end = [], -pad, length + pad
    while start + size <= end:
        found.append(start)
        start += stride
    # One more, if the one before it (or the one that would come before the first) left something.
    if ceil and start - stride + size < end and start < length:
        found.append(start)
    return found


def pool_windows(
    shape: tuple[int, ...], size: Pair, stride: Pair, pad: Pair, ceil: bool
) -> list[list[tuple[range, range]]]:
    """Give the rows and columns of every window, those of the padding too, not beyond it."""
    H, V = shape[2:]
    rows, columns = (
        [
            range(start, min(start + size[axis], length + pad[axis]))
            for start in starts(length, size[axis], stride[axis], pad[axis], ceil)
        ]
        for axis, length in enumerate((H, V))
    )
    return [[(one, two) for two in columns] for one in rows]


def pool_shape(
    shape: tuple[int, ...], size: Pair, stride: Pair, pad: Pair, ceil: bool
) -> tuple[int, ...]:
    grid = pool_windows(shape, size, stride, pad, ceil)
    return (*shape[:2], len(grid), len(grid[0]) if grid else 0)


def max_pool(
    x: Array, dout: Array, size: Pair, stride: Pair, pad: Pair, ceil: bool
) -> tuple[Array, Array]:
    grid = pool_windows(x.shape, size, stride, pad, ceil)
    y, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for n, c, p, q in each(*dout.shape):
        chosen = None
        for h, v in itertools.product(*grid[p][q]):
            inside = 0 <= h < x.shape[2] and 0 <= v < x.shape[3]
            if inside and (chosen is None or x[n, c, h, v] > x[n, c, *chosen]):
                chosen = h, v
        assert chosen is not None
        y[n, c, p, q] = x[n, c, *chosen]
        dx[n, c, *chosen] += dout[n, c, p, q]
    return y, dx


def avg_pool(
    x: Array, dout: Array, size: Pair, stride: Pair, pad: Pair, ceil: bool, count_pad: bool
) -> tuple[Array, Array]:
    grid = pool_windows(x.shape, size, stride, pad, ceil)
    y, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for n, c, p, q in each(*dout.shape):
        cells = list(itertools.product(*grid[p][q]))
        pixels = [(h, v) for h, v in cells if 0 <= h < x.shape[2] and 0 <= v < x.shape[3]]
        number = len(cells) if count_pad else len(pixels)
        for h, v in pixels:
            y[n, c, p, q] += x[n, c, h, v] / number
            dx[n, c, h, v] += dout[n, c, p, q] / number
    return y, dx


def weighted(x: Array, dout: Array, A: Array, B: Array) -> tuple[Array, Array]:
    """Sum x over all pixels with the weights A[p, h] B[q, v]."""
    y, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for n, c, p, q in each(*dout.shape):
        for h, v in each(*x.shape[2:]):
            y[n, c, p, q] += A[p, h] * B[q, v] * x[n, c, h, v]
            dx[n, c, h, v] += A[p, h] * B[q, v] * dout[n, c, p, q]
    return y, dx
