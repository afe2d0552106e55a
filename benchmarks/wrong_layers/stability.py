"""Layers that overflow where a right one does not."""

from __future__ import annotations

import numpy as np

from benchmarks.demonstrations import (
    not_finite,
)
from benchmarks.points import POINTS, Point
from benchmarks.records import Wrong
from benchmarks.right_layers.activations import (
    ELU,
    LogSoftmax,
    Sigmoid,
    Softmax,
    Softplus,
    Tanh,
)
from benchmarks.right_layers.losses import SigmoidWithLoss, SoftmaxWithLoss


class SigmoidOverflows(Sigmoid):
    """exp(x) / (1 + exp(x)) is nan for large x."""

    def forward(self, x):
        self.y = np.exp(x) / (1 + np.exp(x))
        return self.y


class SoftmaxOverflows(Softmax):
    def forward(self, x):
        e = np.exp(x)
        self.y = e / e.sum(axis=-1, keepdims=True)
        return self.y


class LogSoftmaxUnderflows(LogSoftmax):
    """The logarithm of a softmax is minus infinity."""

    def forward(self, x):
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        self.y = np.log(e / e.sum(axis=-1, keepdims=True))
        return self.y


class SoftplusOverflows(Softplus):
    def forward(self, x):
        self.z = self.beta * x
        return np.log(1 + np.exp(self.z)) / self.beta


class TanhOverflows(Tanh):
    def forward(self, x):
        self.out = (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))
        return self.out


class ELUOverflows(ELU):
    """Multiplies an infinite exponential by a mask of zero."""

    def forward(self, x):
        self.x = x
        self.low = self.alpha * (np.exp(x) - 1)
        return (x > 0) * x + (x <= 0) * self.low


class SoftmaxLossOverflows(SoftmaxWithLoss):
    def forward(self, x, t):
        self.t = t.argmax(axis=1) if t.ndim == x.ndim else t
        self.y = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
        return -np.log(self.y[np.arange(len(x)), self.t]).mean()


class SigmoidLossOverflows(SigmoidWithLoss):
    def forward(self, x, t):
        self.x, self.t = x, t
        return np.mean(np.log(1 + np.exp(x)) - x * t)


_FAR = Point("x 3 4", scale=1e3)
_LOSS = POINTS["softmax-with-loss"].times(1e3)

WRONG = (
    Wrong(SigmoidOverflows, "sigmoid", bug="overflow", point=_FAR, shows=not_finite),
    Wrong(SoftmaxOverflows, "softmax", bug="overflow", point=_FAR, shows=not_finite),
    Wrong(LogSoftmaxUnderflows, "log-softmax", bug="overflow", point=_FAR, shows=not_finite),
    Wrong(SoftplusOverflows, "softplus", bug="overflow", point=_FAR, shows=not_finite),
    Wrong(TanhOverflows, "tanh", bug="overflow", point=_FAR, shows=not_finite),
    Wrong(ELUOverflows, "elu", bug="overflow", point=_FAR, shows=not_finite),
    Wrong(SoftmaxLossOverflows, "softmax-with-loss", bug="overflow", point=_LOSS, shows=not_finite),
    Wrong(
        SigmoidLossOverflows,
        "sigmoid-with-loss",
        bug="overflow",
        point=POINTS["sigmoid-with-loss"].times(1e3),
        shows=not_finite,
    ),
)
