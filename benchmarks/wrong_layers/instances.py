"""Layers that share, reuse or keep what belongs to one call."""

from __future__ import annotations

import numpy as np

from benchmarks.demonstrations import (
    earlier_gradient,
    earlier_output,
    interleaved,
    shared_gradients,
    stale_parameter,
)
from benchmarks.records import Wrong
from benchmarks.right_layers.activations import ReLU, Sigmoid, Tanh
from benchmarks.right_layers.affine import Affine, AffineInLists
from benchmarks.right_layers.normalisation import BatchNormInOneLine
from benchmarks.right_layers.recurrent import RNN


class AffineSharedCache(Affine):
    """The cache lies on the class."""

    def forward(self, x):
        AffineSharedCache.x = x
        return x @ self.W + self.b


class SigmoidSharedCache(Sigmoid):
    cache = {}

    def forward(self, x):
        self.cache["y"] = 0.5 * (1 + np.tanh(x / 2))
        return self.cache["y"]

    def backward(self, dout):
        return dout * self.cache["y"] * (1 - self.cache["y"])


def _tanh(x, kept=[]):
    kept[:] = [np.tanh(x)]
    return kept


class TanhDefaultArgument(Tanh):
    """The cache is a default argument."""

    def forward(self, x):
        self.kept = _tanh(x)
        return self.kept[0]

    def backward(self, dout):
        return dout * (1 - self.kept[0] ** 2)


class AffineSharedGradients(AffineInLists):
    """The list of gradients is one for all instances."""

    grads = [None, None]

    def __init__(self, W, b):
        self.params = [W, b]

    def backward(self, dout):
        self.grads[:] = [self.x.T @ dout, dout.sum(axis=0)]
        return dout @ self.params[0].T


class AffineCopiesWeights(Affine):
    """Keeps the transposed weights of its construction."""

    def __init__(self, W, b):
        super().__init__(W, b)
        self.WT = W.T.copy()

    def backward(self, dout):
        super().backward(dout)
        return dout @ self.WT


class RNNFirstWeights(RNN):
    def __init__(self, Wx, Wh, b):
        super().__init__(Wx, Wh, b)
        self.back = np.array(Wh.T)

    def carried(self, dt):
        return dt @ self.back


class BatchNormFirstGamma(BatchNormInOneLine):
    def __init__(self, gamma, beta, eps=1e-5):
        super().__init__(gamma, beta, eps=eps)
        self.scale = np.array(gamma)

    def backward(self, dout):
        dx = super().backward(dout)
        return dx * self.scale / self.gamma


class ReLUReusesOutput(ReLU):
    """Writes every output into the same buffer."""

    def forward(self, x):
        self.mask = x > 0
        if getattr(self, "out", np.empty(0)).shape != x.shape:
            self.out = np.empty_like(x)
        return np.maximum(x, 0, out=self.out)


class TanhReusesGradient(Tanh):
    def backward(self, dout):
        if getattr(self, "dx", np.empty(0)).shape != dout.shape:
            self.dx = np.empty_like(dout)
        return np.multiply(dout, 1 - self.out**2, out=self.dx)


class AffineReusesOutput(Affine):
    def forward(self, x):
        self.x = x
        if getattr(self, "y", np.empty(0)).shape != (len(x), len(self.b)):
            self.y = np.empty((len(x), len(self.b)), dtype=x.dtype)
        self.y[...] = x @ self.W + self.b
        return self.y


WRONG = (
    Wrong(AffineSharedCache, "affine", bug="shared by instances", shows=interleaved),
    Wrong(SigmoidSharedCache, "sigmoid", bug="shared by instances", shows=interleaved),
    Wrong(TanhDefaultArgument, "tanh", bug="shared by instances", shows=interleaved),
    Wrong(AffineSharedGradients, "affine", bug="shared by instances", shows=shared_gradients),
    Wrong(AffineCopiesWeights, "affine", bug="stale parameter", shows=stale_parameter),
    Wrong(RNNFirstWeights, "rnn", bug="stale parameter", shows=stale_parameter),
    Wrong(BatchNormFirstGamma, "batch-norm", bug="stale parameter", shows=stale_parameter),
    Wrong(ReLUReusesOutput, "relu", bug="buffer reused", shows=earlier_output),
    Wrong(AffineReusesOutput, "affine", bug="buffer reused", shows=earlier_output),
    Wrong(TanhReusesGradient, "tanh", bug="buffer reused", shows=earlier_gradient),
)
