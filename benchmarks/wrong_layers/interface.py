"""Layers that raise, are spelt wrongly, or compute something else than their name says."""

from __future__ import annotations

import numpy as np

from benchmarks.demonstrations import (
    forward_differs,
    raises,
)
from benchmarks.records import Wrong
from benchmarks.right_layers.activations import Sigmoid, Softmax, Tanh
from benchmarks.right_layers.affine import Affine
from benchmarks.right_layers.losses import MeanSquaredError, SoftmaxWithLoss


class ForwardMisspelt:
    def foward(self, x):
        return np.tanh(x)

    def backward(self, dout):
        return dout


class BackwardMisspelt:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y

    def backwards(self, dout):
        return dout * (1 - self.y**2)


class ConstructorMisspelt:
    def _init_(self, W, b):
        self.W, self.b = W, b

    forward = Affine.forward
    backward = Affine.backward


class BackwardMissing:
    def forward(self, x):
        return np.maximum(x, 0)


class ForwardReturnsNothing(Sigmoid):
    def forward(self, x):
        super().forward(x)


class BackwardReturnsNothing(Tanh):
    def backward(self, dout):
        dx = super().backward(dout)


class AttributeMissing(Sigmoid):
    def backward(self, dout):
        return dout * self.out * (1 - self.out)


class FixedBatch(Affine):
    """Reshapes to a batch of sixty-four."""

    def forward(self, x):
        return super().forward(x.reshape(64, -1))


class LossPerRow(SoftmaxWithLoss):
    def forward(self, x, t):
        super().forward(x, t)
        return -np.log(self.y[np.arange(len(x)), self.t])

    def backward(self, dout=1.0):
        return super().backward(1.0) * np.reshape(dout, (-1, 1)) * len(self.t)


class LossOfRank1(MeanSquaredError):
    """The loss is an array of one element; (n,) for a number."""

    def forward(self, y, t):
        return np.array([super().forward(y, t)])

    def backward(self, dout=1.0):
        return super().backward(np.sum(dout))


class InputFlattened(Tanh):
    """The gradient has another shape than the input."""

    def backward(self, dout):
        return super().backward(dout).reshape(-1)


class SoftmaxWholeBatch(Softmax):
    """Normalises over the whole batch; backward agrees."""

    def forward(self, x):
        e = np.exp(x - x.max())
        self.y = e / e.sum()
        return self.y

    def backward(self, dout):
        return self.y * (dout - (dout * self.y).sum())


class SigmoidOfHalf(Sigmoid):
    """Has another slope than a sigmoid; backward agrees."""

    def forward(self, x):
        return super().forward(x / 2)

    def backward(self, dout):
        return super().backward(dout) / 2


class AffineForgetsBias(Affine):
    """Forward leaves the bias out, backward gives it zeros."""

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dout):
        dx = super().backward(dout)
        self.db = np.zeros_like(self.b)
        return dx


WRONG = (
    Wrong(ForwardMisspelt, "tanh", bug="interface", shows=raises),
    Wrong(BackwardMisspelt, "tanh", bug="interface", shows=raises),
    Wrong(ConstructorMisspelt, "affine", bug="interface", shows=raises),
    Wrong(BackwardMissing, "relu", bug="interface", shows=raises),
    Wrong(ForwardReturnsNothing, "sigmoid", bug="interface", shows=raises),
    Wrong(AttributeMissing, "sigmoid", bug="interface", shows=raises),
    Wrong(FixedBatch, "affine", bug="interface", shows=raises),
    Wrong(BackwardReturnsNothing, "tanh", bug="gradient missing"),
    Wrong(LossPerRow, "softmax-with-loss", bug="gradient shape", shows=forward_differs),
    Wrong(LossOfRank1, "mean-squared-error", bug="gradient shape", shows=forward_differs),
    Wrong(InputFlattened, "tanh", bug="gradient shape"),
    Wrong(SoftmaxWholeBatch, "softmax", bug="forward wrong", shows=forward_differs),
    Wrong(SigmoidOfHalf, "sigmoid", bug="forward wrong", shows=forward_differs),
    Wrong(
        AffineForgetsBias,
        "affine",
        bug="forward wrong",
        names=("forward-*", "*bias*"),
        shows=forward_differs,
    ),
)
