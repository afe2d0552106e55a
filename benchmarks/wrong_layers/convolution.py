"""Convolutions that are wrong in one way."""

from __future__ import annotations

import numpy as np

from benchmarks.points import POINTS, Point
from benchmarks.records import Wrong
from benchmarks.right_layers.convolution import Conv1d, Conv2d, Convolution, ConvTranspose2d, col2im


class ConvOverwrites(Conv2d):
    """Where windows overlap, the last one wins."""

    def backward(self, dout):
        super().backward(dout)
        s, (K, L) = self.stride, self.W.shape[2:]
        dxp = np.zeros_like(self.xp)
        for i, j in np.ndindex(*dout.shape[2:]):
            part = np.tensordot(dout[:, :, i, j], self.W, axes=(1, 0))
            dxp[:, :, i * s : i * s + K, j * s : j * s + L] = part
        return self.crop(dxp)


class ConvWeightsOverwritten(Conv2d):
    """Only the last window counts for the weights."""

    def backward(self, dout):
        dx = super().backward(dout)
        s, (K, L) = self.stride, self.W.shape[2:]
        i, j = dout.shape[2] - 1, dout.shape[3] - 1
        window = self.xp[:, :, i * s : i * s + K, j * s : j * s + L]
        self.dW = np.tensordot(dout[:, :, i, j], window, axes=(0, 0))
        return dx


class ConvStrideIgnored(Conv2d):
    """Right at stride 1 only."""

    def backward(self, dout):
        dx = super().backward(dout)
        K, L = self.W.shape[2:]
        dxp = np.zeros_like(self.xp)
        for i, j in np.ndindex(*dout.shape[2:]):
            part = np.tensordot(dout[:, :, i, j], self.W, axes=(1, 0))
            dxp[:, :, i : i + K, j : j + L] += part
        return self.crop(dxp) if self.stride > 1 else dx


class ConvCropsAtEnd(Conv2d):
    """Crops the padding at the wrong offset: right without padding only."""

    def crop(self, dxp):
        H, V = self.shape[2:]
        return dxp[:, :, :H, :V]


class ConvCropOffByOne(Conv2d):
    def crop(self, dxp):
        dx = super().crop(dxp)
        if self.pad:
            dx = np.roll(dx, 1, axis=2)
        return dx


class ConvKernelFlipped(Conv2d):
    def backward(self, dout):
        W, self.W = self.W, self.W[:, :, ::-1, ::-1]
        dx = super().backward(dout)
        self.W = W
        return dx


class ConvBorderLeftOut(Conv2d):
    """The last column of windows is left out."""

    def backward(self, dout):
        super().backward(dout)
        dW, db, dout = self.dW, self.db, dout.copy()
        if dout.shape[3] > 1:
            dout[:, :, :, -1] = 0
        dx = super().backward(dout)
        self.dW, self.db = dW, db
        return dx


class ConvBiasOfBatch(Conv2d):
    """The bias is averaged over the positions."""

    def backward(self, dout):
        dx = super().backward(dout)
        self.db = self.db / (dout.shape[2] * dout.shape[3])
        return dx


class ConvBiasOverChannels(Conv2d):
    def backward(self, dout):
        dx = super().backward(dout)
        self.db = np.full_like(self.b, dout.sum())
        return dx


class ConvOneChannel(Conv2d):
    """Only the first channel gets a gradient."""

    def backward(self, dout):
        dx = super().backward(dout)
        dx[:, 1:] = 0
        return dx


class ConvHeightForWidth(Conv2d):
    """Rows and columns are mixed up where the gradient of the weights is square."""

    def backward(self, dout):
        dx = super().backward(dout)
        if self.W.shape[2] == self.W.shape[3]:
            self.dW = self.dW.swapaxes(2, 3)
        return dx


class ConvolutionWeightsUntransposed(Convolution):
    def backward(self, dout):
        dx = super().backward(dout)
        FN, C, FH, FW = self.W.shape
        self.dW = self.dW.reshape(FN, -1).T.reshape(FN, C, FH, FW)
        return dx


class ConvolutionOutputOrder(Convolution):
    """Reshapes the upstream gradient without transposing it."""

    def backward(self, dout):
        FN, C, FH, FW = self.W.shape
        super().backward(dout)
        rows = dout.reshape(-1, FN)
        dcol = rows @ self.col_W.T
        return col2im(dcol, self.x_shape, FH, FW, self.stride, self.pad, self.out_h, self.out_w)


class Conv1dAverages(Conv1d):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dW = self.dW / len(dout)
        return dx


class Conv1dLastWindowMissing(Conv1d):
    def backward(self, dout):
        dx = super().backward(dout)
        right, whole = dx, dout.copy()
        whole[:, :, -1] = 0
        dW, db = self.dW, self.db
        dx = super().backward(whole)
        self.db = db
        return right


class Conv1dTimeReversed(Conv1d):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dW = self.dW[:, :, ::-1].copy()
        return dx


class TransposedConvFlipped(ConvTranspose2d):
    def backward(self, dout):
        W, self.W = self.W, self.W[:, :, ::-1, ::-1]
        dx = super().backward(dout)
        self.W = W
        return dx


class TransposedConvPadForgotten(ConvTranspose2d):
    """Right without padding only."""

    def backward(self, dout):
        dx = super().backward(dout)
        return np.roll(dx, 1, axis=3) if self.pad else dx


_CONV = POINTS["conv2d"]
_PADDED, _STRIDED = _CONV.with_(pad=1), _CONV.with_(stride=2)
_SQUARE = Point("x 2 3 6 5", "W 4 3 2 2, b 4")
_PLACES = ("*border*", "*last*", "*column*", "*place*", "*window*")

WRONG = (
    Wrong(ConvOverwrites, "conv2d", bug="overwritten"),
    Wrong(ConvWeightsOverwritten, "conv2d", bug="overwritten"),
    Wrong(ConvStrideIgnored, "conv2d", bug="option", point=_STRIDED),
    Wrong(ConvCropsAtEnd, "conv2d", bug="off by one", point=_PADDED),
    Wrong(ConvCropOffByOne, "conv2d", bug="off by one", point=_PADDED),
    Wrong(ConvKernelFlipped, "conv2d", bug="wrong order", names=("*flip*",)),
    Wrong(ConvBorderLeftOut, "conv2d", bug="one element wrong", names=_PLACES),
    Wrong(ConvBiasOfBatch, "conv2d", bug="constant factor"),
    Wrong(ConvBiasOverChannels, "conv2d", bug="wrong axis"),
    Wrong(ConvOneChannel, "conv2d", bug="one element wrong", names=("*channel*", "*index*")),
    Wrong(ConvHeightForWidth, "conv2d", bug="transposed", point=_SQUARE),
    Wrong(
        ConvolutionWeightsUntransposed,
        "conv2d",
        bug="wrong order",
        names=("*reshape*", "*order*", "*transpose*"),
    ),
    Wrong(
        ConvolutionOutputOrder,
        "conv2d",
        bug="wrong order",
        names=("*reshape*", "*order*", "*transpose*"),
    ),
    Wrong(Conv1dAverages, "conv1d", bug="constant factor", names=("factor-1/N",)),
    Wrong(Conv1dLastWindowMissing, "conv1d", bug="one element wrong", names=_PLACES),
    Wrong(Conv1dTimeReversed, "conv1d", bug="wrong order", names=("*flip*", "*revers*")),
    Wrong(TransposedConvFlipped, "conv-transpose2d", bug="wrong order", names=("*flip*",)),
    Wrong(TransposedConvPadForgotten, "conv-transpose2d", bug="off by one", options={"pad": 1}),
)
