"""Layers whose fault shows over several calls or batch sizes."""

from __future__ import annotations

import numpy as np

from benchmarks.demonstrations import (
    backward_twice,
    batch_of_one,
    other_batch,
    second_call,
)
from benchmarks.points import Point
from benchmarks.records import Wrong
from benchmarks.right_layers.activations import ReLU, Sigmoid, Softmax, Tanh
from benchmarks.right_layers.affine import Affine
from benchmarks.right_layers.embedding import Embedding
from benchmarks.right_layers.losses import MeanSquaredError, SoftmaxWithLoss
from benchmarks.right_layers.normalisation import BatchNormInOneLine
from benchmarks.right_layers.recurrent import RNNCell


class AffineFirstBatch(Affine):
    """Keeps the first input for ever."""

    def forward(self, x):
        if not hasattr(self, "x"):
            self.x = x
        return x @ self.W + self.b


class ReLUFirstMask(ReLU):
    mask = None

    def forward(self, x):
        if self.mask is None or self.mask.shape != x.shape:
            self.mask = x > 0
        return np.maximum(x, 0)


class SigmoidFirstOutput(Sigmoid):
    def forward(self, x):
        y = 0.5 * (1 + np.tanh(x / 2))
        self.__dict__.setdefault("y", y)
        return y


class TanhShapeOnce(Tanh):
    """Allocates for the shape of the first batch."""

    def forward(self, x):
        if not hasattr(self, "out"):
            self.out = np.zeros_like(x)
        self.out[: len(x)] = np.tanh(x)
        return np.tanh(x)


class AffineBatchOfFirst(Affine):
    """Remembers the number of rows of the first batch."""

    def forward(self, x):
        self.n = getattr(self, "n", len(x))
        self.x = x
        return (x @ self.W + self.b).reshape(self.n, -1)


class BatchNormFirstStatistics(BatchNormInOneLine):
    """The deviation of the first batch is kept for backward."""

    def forward(self, x):
        y = super().forward(x)
        self.first = getattr(self, "first", self.std)
        self.std = self.first
        return y


class SoftmaxLossLastRows(SoftmaxWithLoss):
    """The row numbers are those of the first batch."""

    def forward(self, x, t):
        loss = super().forward(x, t)
        self.n = getattr(self, "n", len(x))
        return loss

    def backward(self, dout=1.0):
        return super().backward(dout) * len(self.t) / self.n


class AffineDoubles(Affine):
    """Backward adds to the gradients, and nothing ever resets them."""

    def __init__(self, W, b):
        super().__init__(W, b)
        self.dW, self.db = np.zeros_like(W), np.zeros_like(b)

    def backward(self, dout):
        self.dW = self.dW + self.x.T @ dout
        self.db = self.db + dout.sum(axis=0)
        return dout @ self.W.T


class EmbeddingAccumulates(Embedding):
    def __init__(self, W):
        super().__init__(W)
        self.dW = np.zeros_like(W)

    def backward(self, dout):
        np.add.at(self.dW, self.ids, dout)


class SigmoidSpendsCache(Sigmoid):
    """Backward writes into the cache."""

    def backward(self, dout):
        self.y = self.y * (1 - self.y)
        return dout * self.y


class SoftmaxLossSpendsCache(SoftmaxWithLoss):
    """Subtracts from the stored probabilities themselves."""

    def backward(self, dout=1.0):
        self.y[np.arange(len(self.t)), self.t] -= 1
        return dout * self.y / len(self.t)


class ReLUPopsMask(ReLU):
    """Backward takes the mask from a stack."""

    def forward(self, x):
        y = super().forward(x)
        self.masks = [*getattr(self, "masks", []), self.mask]
        return y

    def backward(self, dout):
        return dout * self.masks.pop(0)


class RNNCellStacks(RNNCell):
    """The weights' gradient adds up from call to call."""

    def backward(self, dh_next):
        before = getattr(self, "dWx", 0)
        found = super().backward(dh_next)
        self.dWx = self.dWx + before
        return found


class AffineSqueezes(Affine):
    def forward(self, x):
        return np.squeeze(super().forward(x))

    def backward(self, dout):
        return super().backward(dout.reshape(len(self.x), -1))


class SoftmaxSqueezes(Softmax):
    def backward(self, dout):
        return np.squeeze(super().backward(dout))


class BiasOfSeveral(Affine):
    """Sums the bias where there is more than one row."""

    def backward(self, dout):
        dx = super().backward(dout)
        self.db = dout.sum(axis=0) if len(dout) > 1 else dout
        return dx


class SpreadOfBatch(MeanSquaredError):
    """Divides by N - 1 where a batch has more than one row."""

    def backward(self, dout=1.0):
        N = len(self.diff)
        return super().backward(dout) * (N / (N - 1) if N > 7 else 1)


WRONG = (
    Wrong(AffineFirstBatch, "affine", bug="stale cache", shows=second_call),
    Wrong(ReLUFirstMask, "relu", bug="stale cache", shows=second_call),
    Wrong(SigmoidFirstOutput, "sigmoid", bug="stale cache", shows=second_call),
    Wrong(BatchNormFirstStatistics, "batch-norm", bug="stale cache", shows=second_call),
    Wrong(TanhShapeOnce, "tanh", bug="batch size", shows=other_batch),
    Wrong(AffineBatchOfFirst, "affine", bug="batch size", shows=other_batch),
    Wrong(
        SoftmaxLossLastRows,
        "softmax-with-loss",
        bug="batch size",
        names=("*stale*", "*batch*"),
        shows=other_batch,
    ),
    Wrong(AffineDoubles, "affine", bug="accumulates", shows=second_call),
    Wrong(EmbeddingAccumulates, "embedding", bug="accumulates", shows=second_call),
    Wrong(RNNCellStacks, "rnn-cell", bug="accumulates", shows=second_call),
    Wrong(SigmoidSpendsCache, "sigmoid", bug="backward twice", shows=backward_twice),
    Wrong(SoftmaxLossSpendsCache, "softmax-with-loss", bug="backward twice", shows=backward_twice),
    Wrong(ReLUPopsMask, "relu", bug="backward twice", shows=backward_twice),
    Wrong(AffineSqueezes, "affine", bug="batch of one", shows=batch_of_one),
    Wrong(
        SoftmaxSqueezes,
        "softmax",
        bug="batch of one",
        names=("axis-missing", "*batch-of-one*"),
        shows=batch_of_one,
    ),
    Wrong(
        BiasOfSeveral,
        "affine",
        bug="batch of one",
        names=("axis-too-many", "*batch-of-one*"),
        shows=batch_of_one,
    ),
    Wrong(
        SpreadOfBatch,
        "mean-squared-error",
        bug="batch size",
        names=("*batch*", "*factor*"),
        point=Point("y 9 2, t 9 2 fixed"),
    ),
)
