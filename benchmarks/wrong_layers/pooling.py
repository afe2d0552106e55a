"""Pooling and resampling that is wrong in one way."""

from __future__ import annotations

import numpy as np

from benchmarks.points import POINTS
from benchmarks.records import Wrong
from benchmarks.right_layers.pooling import (
    AvgPool1d,
    AvgPool2d,
    Downsample,
    GlobalAvgPool,
    MaxPool1d,
    MaxPool2d,
    MaxPoolSharing,
    UpsampleNearest,
)


class MaxPoolOverwrites(MaxPool2d):
    """Right where windows do not overlap."""

    def backward(self, dout):
        dx = np.zeros_like(self.x)
        for n, c, i, j in np.ndindex(*dout.shape):
            row, column = divmod(int(self.place[n, c, i, j]), self.size)
            dx[n, c, i * self.stride + row, j * self.stride + column] = dout[n, c, i, j]
        return dx


class MaxPoolTiesAll(MaxPoolSharing):
    """Every tied pixel gets the whole gradient."""

    def backward(self, dout):
        dx, k, s = np.zeros_like(self.x), self.size, self.stride
        for i, j in np.ndindex(*dout.shape[2:]):
            here = (slice(None), slice(None), slice(i * s, i * s + k), slice(j * s, j * s + k))
            mask = self.x[here] == self.x[here].max(axis=(2, 3), keepdims=True)
            dx[here] += mask * dout[:, :, i, j][:, :, None, None]
        return dx


class MaxPoolStrideIsSize(MaxPool2d):
    """Takes the stride for the size: right where they are equal."""

    def backward(self, dout):
        dx = np.zeros_like(self.x)
        for n, c, i, j in np.ndindex(*dout.shape):
            row, column = divmod(int(self.place[n, c, i, j]), self.size)
            row, column = i * self.size + row, j * self.size + column
            if row < dx.shape[2] and column < dx.shape[3]:
                dx[n, c, row, column] += dout[n, c, i, j]
        return dx


class MaxPoolRowForColumn(MaxPool2d):
    def backward(self, dout):
        dx = np.zeros_like(self.x)
        for n, c, i, j in np.ndindex(*dout.shape):
            column, row = divmod(int(self.place[n, c, i, j]), self.size)
            row, column = i * self.stride + row, j * self.stride + column
            dx[n, c, row, column] += dout[n, c, i, j]
        return dx


class MaxPoolSpreads(MaxPool2d):
    """Gives the whole window the gradient."""

    def backward(self, dout):
        dx, k, s = np.zeros_like(self.x), self.size, self.stride
        for i, j in np.ndindex(*dout.shape[2:]):
            up = dout[:, :, i, j][:, :, None, None]
            dx[:, :, i * s : i * s + k, j * s : j * s + k] += up
        return dx


class MaxPoolMaskOfZero(MaxPool2d):
    """Starts from zero, so a window of negative pixels gives zero; backward does not agree."""

    def forward(self, x):
        return np.maximum(super().forward(x), 0)


class AvgPoolNotDivided(AvgPool2d):
    def backward(self, dout):
        return super().backward(dout) * self.size**2


class AvgPoolDividedOnce(AvgPool2d):
    def backward(self, dout):
        return super().backward(dout) * self.size


class AvgPoolOverwrites(AvgPool2d):
    def backward(self, dout):
        dx, k, s = np.zeros(self.shape), self.size, self.stride
        for i, j in np.ndindex(*dout.shape[2:]):
            part = dout[:, :, i, j][:, :, None, None] / k**2
            dx[:, :, i * s : i * s + k, j * s : j * s + k] = part
        return dx


class MaxPool1dLast(MaxPool1d):
    """The place of the maximum is counted from the other end."""

    def backward(self, dout):
        dx = np.zeros_like(self.x)
        n, c, p = np.indices(dout.shape)
        np.add.at(dx, (n, c, p * self.stride + self.size - 1 - self.best), dout)
        return dx


class AvgPool1dEdge(AvgPool1d):
    """The last window is left out."""

    def backward(self, dout):
        dout = dout.copy()
        dout[:, :, -1] = 0
        return super().backward(dout)


class GlobalAvgPoolNotDivided(GlobalAvgPool):
    def backward(self, dout):
        return super().backward(dout) * np.prod(self.shape[2:])


class GlobalAvgPoolHeightOnly(GlobalAvgPool):
    def backward(self, dout):
        return super().backward(dout) * np.prod(self.shape[3:])


class UpsampleTakesOne(UpsampleNearest):
    """Gives one of the copies back and not their sum."""

    def backward(self, dout):
        return dout[:, :, :: self.factor, :: self.factor].copy()


class UpsampleMean(UpsampleNearest):
    def backward(self, dout):
        return super().backward(dout) / self.factor**2


class UpsampleTiles(UpsampleNearest):
    """Adds up as if the image were tiled and its pixels not repeated."""

    def backward(self, dout):
        f = self.factor
        N, C, H, V = dout.shape
        return dout.reshape(N, C, f, H // f, f, V // f).sum(axis=(2, 4))


class DownsampleSpreads(Downsample):
    def backward(self, dout):
        H, V = self.shape[2:]
        wide = dout.repeat(self.factor, axis=2).repeat(self.factor, axis=3)
        return wide[:, :, :H, :V]


_OVERLAP = {"size": 3, "stride": 1}
_POOL = POINTS["max-pool2d"]
_TIES = _POOL.at(x=np.ones((2, 3, 6, 4)))

WRONG = (
    Wrong(MaxPoolOverwrites, "max-pool2d", bug="overwritten", options=_OVERLAP),
    Wrong(MaxPoolTiesAll, "max-pool2d", bug="special values", names=("*tie*",), point=_TIES),
    Wrong(MaxPoolStrideIsSize, "max-pool2d", bug="option", options=_OVERLAP),
    Wrong(MaxPoolRowForColumn, "max-pool2d", bug="wrong order", names=("*swap*", "*transpos*")),
    Wrong(MaxPoolSpreads, "max-pool2d", bug="mask missing"),
    Wrong(
        MaxPoolMaskOfZero,
        "max-pool2d",
        bug="special values",
        names=("*zero*", "*mask*"),
        point=_POOL.times(-1).at(x=-1 - np.arange(144.0).reshape(2, 3, 6, 4)),
    ),
    Wrong(AvgPoolNotDivided, "avg-pool2d", bug="constant factor"),
    Wrong(AvgPoolDividedOnce, "avg-pool2d", bug="constant factor"),
    Wrong(AvgPoolOverwrites, "avg-pool2d", bug="overwritten", options=_OVERLAP),
    Wrong(MaxPool1dLast, "max-pool1d", bug="wrong order", names=("*revers*", "*flip*")),
    Wrong(AvgPool1dEdge, "avg-pool1d", bug="one element wrong"),
    Wrong(GlobalAvgPoolNotDivided, "global-avg-pool", bug="constant factor"),
    Wrong(GlobalAvgPoolHeightOnly, "global-avg-pool", bug="constant factor"),
    Wrong(
        UpsampleTakesOne,
        "upsample-nearest",
        bug="path missing",
        names=("overlap-overwritten", "*sum*", "*one*", "*lost*", "*contribution*"),
    ),
    Wrong(UpsampleMean, "upsample-nearest", bug="constant factor", names=("factor-*", "*mean*")),
    Wrong(UpsampleTiles, "upsample-nearest", bug="wrong order"),
    Wrong(DownsampleSpreads, "downsample", bug="mask missing"),
)
