"""Pooling and resampling that are right: ties, overlaps, borders that are left over."""

from __future__ import annotations

import numpy as np

from benchmarks.records import Right


class MaxPool2d:
    """The first of tied pixels gets the gradient."""

    def __init__(self, size=2, stride=2):
        self.size, self.stride = size, stride

    def forward(self, x):
        self.x, k, s = x, self.size, self.stride
        N, C, H, V = x.shape
        y = np.empty((N, C, (H - k) // s + 1, (V - k) // s + 1), dtype=x.dtype)
        self.place = np.empty(y.shape, dtype=int)
        for i, j in np.ndindex(*y.shape[2:]):
            window = x[:, :, i * s : i * s + k, j * s : j * s + k].reshape(N, C, -1)
            self.place[:, :, i, j] = window.argmax(axis=2)
            y[:, :, i, j] = window.max(axis=2)
        return y

    def backward(self, dout):
        dx = np.zeros_like(self.x)
        for n, c, i, j in np.ndindex(*dout.shape):
            row, column = divmod(int(self.place[n, c, i, j]), self.size)
            row, column = i * self.stride + row, j * self.stride + column
            dx[n, c, row, column] += dout[n, c, i, j]
        return dx


class MaxPoolSharing(MaxPool2d):
    """Tied pixels share the gradient."""

    def backward(self, dout):
        dx, k, s = np.zeros_like(self.x), self.size, self.stride
        for i, j in np.ndindex(*dout.shape[2:]):
            here = (slice(None), slice(None), slice(i * s, i * s + k), slice(j * s, j * s + k))
            window = self.x[here]
            mask = window == window.max(axis=(2, 3), keepdims=True)
            share = mask / mask.sum(axis=(2, 3), keepdims=True)
            dx[here] += share * dout[:, :, i, j][:, :, None, None]
        return dx


class AvgPool2d:
    def __init__(self, size=2, stride=2):
        self.size, self.stride = size, stride

    def forward(self, x):
        self.shape, k, s = x.shape, self.size, self.stride
        P, Q = (x.shape[2] - k) // s + 1, (x.shape[3] - k) // s + 1
        rows = [
            [x[:, :, i * s : i * s + k, j * s : j * s + k].mean((2, 3)) for j in range(Q)]
            for i in range(P)
        ]
        return np.array(rows).transpose(2, 3, 0, 1)

    def backward(self, dout):
        dx, k, s = np.zeros(self.shape, dtype=dout.dtype), self.size, self.stride
        for i, j in np.ndindex(*dout.shape[2:]):
            part = dout[:, :, i, j][:, :, None, None] / k**2
            dx[:, :, i * s : i * s + k, j * s : j * s + k] += part
        return dx


class MaxPool1d:
    def __init__(self, size=2, stride=2):
        self.size, self.stride = size, stride

    def forward(self, x):
        self.x = x
        seen = np.lib.stride_tricks.sliding_window_view(x, self.size, axis=2)[:, :, :: self.stride]
        self.best = seen.argmax(axis=3)
        return seen.max(axis=3)

    def backward(self, dout):
        dx = np.zeros_like(self.x)
        n, c, p = np.indices(dout.shape)
        np.add.at(dx, (n, c, p * self.stride + self.best), dout)
        return dx


class AvgPool1d:
    def __init__(self, size=2, stride=2):
        self.size, self.stride = size, stride

    def forward(self, x):
        self.shape = x.shape
        seen = np.lib.stride_tricks.sliding_window_view(x, self.size, axis=2)
        return seen[:, :, :: self.stride].mean(axis=3)

    def backward(self, dout):
        dx = np.zeros(self.shape, dtype=dout.dtype)
        for p in range(dout.shape[2]):
            start = p * self.stride
            dx[:, :, start : start + self.size] += dout[:, :, p : p + 1] / self.size
        return dx


class GlobalAvgPool:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(*x.shape[:2], -1).mean(axis=2)

    def backward(self, dout):
        wide = dout.reshape(*dout.shape, *(1 for _ in self.shape[2:]))
        return np.broadcast_to(wide, self.shape) / np.prod(self.shape[2:])


class UpsampleNearest:
    def __init__(self, factor=2):
        self.factor = factor

    def forward(self, x):
        return x.repeat(self.factor, axis=2).repeat(self.factor, axis=3)

    def backward(self, dout):
        f = self.factor
        N, C, H, V = dout.shape
        return dout.reshape(N, C, H // f, f, V // f, f).sum(axis=(3, 5))


class Downsample:
    def __init__(self, factor=2):
        self.factor = factor

    def forward(self, x):
        self.shape = x.shape
        return x[:, :, :: self.factor, :: self.factor].copy()

    def backward(self, dout):
        dx = np.zeros(self.shape, dtype=dout.dtype)
        dx[:, :, :: self.factor, :: self.factor] = dout
        return dx


RIGHT = (
    Right(MaxPool2d, "max-pool2d", why="ties: the first takes all"),
    Right(MaxPoolSharing, "max-pool2d", why="ties: an equal share for each"),
    Right(AvgPool2d, "avg-pool2d", why="naive loops"),
    Right(MaxPool1d, "max-pool1d", why="ties"),
    Right(AvgPool1d, "avg-pool1d", why="overlaps"),
    Right(GlobalAvgPool, "global-avg-pool", why="a view that cannot be written"),
    Right(UpsampleNearest, "upsample-nearest"),
    Right(Downsample, "downsample"),
)
