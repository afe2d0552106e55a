"""Layers that differentiate numerically, and gradients too small for an absolute tolerance."""

from __future__ import annotations

import numpy as np

from benchmarks.demonstrations import (
    differentiates_numerically,
)
from benchmarks.points import Point
from benchmarks.records import Wrong
from benchmarks.right_layers.activations import Sigmoid, Softmax, Tanh
from benchmarks.right_layers.own import Tiny


class TanhByDifferences(Tanh):
    """Asks its own forward for the slope."""

    def forward(self, x):
        self.x = x
        return np.tanh(x)

    def backward(self, dout):
        x, h = self.x, 1e-5
        return dout * (self.forward(x + h) - self.forward(x - h)) / (2 * h)


class SigmoidByDifferences(Sigmoid):
    """Differences of a function of its own."""

    def function(self, x):
        return 0.5 * (1 + np.tanh(x / 2))

    def forward(self, x):
        self.x = x
        return self.function(x)

    def backward(self, dout):
        h = 1e-6
        return dout * (self.function(self.x + h) - self.function(self.x - h)) / (2 * h)


class SoftmaxByDifferences(Softmax):
    """One element at a time."""

    def forward(self, x):
        self.x = x
        return super().forward(x)

    def backward(self, dout):
        x, h, dx = self.x.copy(), 1e-5, np.zeros_like(self.x)
        for place in np.ndindex(*x.shape):
            up, down = x.copy(), x.copy()
            up[place] += h
            down[place] -= h
            dx[place] = ((self.forward(up) - self.forward(down)) * dout).sum() / (2 * h)
        return dx


class TinyAllWrong(Tiny):
    """A gradient of 1e-9 that an absolute tolerance lets pass."""

    def backward(self, dout):
        return 3 * super().backward(dout)


_X = "x: N D -> y: N D"

WRONG = (
    Wrong(
        TanhByDifferences, "tanh", bug="numerical differentiation", shows=differentiates_numerically
    ),
    Wrong(
        SigmoidByDifferences,
        "sigmoid",
        bug="numerical differentiation",
        shows=differentiates_numerically,
    ),
    Wrong(
        SoftmaxByDifferences,
        "softmax",
        bug="numerical differentiation",
        shows=differentiates_numerically,
    ),
    Wrong(TinyAllWrong, signature=_X, bug="constant factor", ordinary=Point("x 3 4")),
)
