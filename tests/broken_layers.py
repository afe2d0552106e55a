"""Layers that are wrong in exactly one way, each with the check that must catch it, and a twin.

The twin is the same layer without the fault: the check must pass it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


class Affine:
    """The healthy twin of most."""

    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T


class ReLU:
    def forward(self, x):
        self.mask = x > 0
        return np.where(self.mask, x, 0.0)

    def backward(self, dout):
        return np.where(self.mask, dout, 0.0)


class Sigmoid:
    def forward(self, x):
        self.y = 0.5 * (1 + np.tanh(x / 2))
        return self.y

    def backward(self, dout):
        return dout * self.y * (1 - self.y)


class Softmax:
    def forward(self, x):
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        self.y = e / e.sum(axis=-1, keepdims=True)
        return self.y

    def backward(self, dout):
        return self.y * (dout - (dout * self.y).sum(axis=-1, keepdims=True))


class SoftmaxWithLoss:
    def forward(self, x, t):
        if t.ndim == x.ndim:
            t = t.argmax(axis=1)
        shifted = x - x.max(axis=1, keepdims=True)
        logp = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.y, self.t = np.exp(logp), t
        return -logp[np.arange(len(t)), t].mean()

    def backward(self, dout=1.0):
        dx = self.y.copy()
        dx[np.arange(len(self.t)), self.t] -= 1
        return dout * dx / len(self.t)


class Mul:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        return dout * self.y, dout * self.x


class DiagonalSoftmax(Softmax):
    def backward(self, dout):
        return dout * self.y * (1 - self.y)


class DividedTwice(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dW = self.dW / len(dout)
        return dx


class OneWrongElement(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dW[-1, -1] *= 1 + 1e-5
        return dx


class ForgetsBias(Affine):
    def backward(self, dout):
        self.dW = self.x.T @ dout
        return dout @ self.W.T


class OneOfTwo(Mul):
    def backward(self, dout):
        return dout * self.y


class DividesByZero(ReLU):
    def backward(self, dout):
        with np.errstate(all="ignore"):
            return dout * self.mask * (self.mask / self.mask)


class IgnoresUpstream(Sigmoid):
    def backward(self, dout):
        return self.y * (1 - self.y)


class MasksByUpstream(ReLU):
    def backward(self, dout):
        return np.where(dout > 0, np.where(self.mask, dout, 0.0), 0.0)


class BiasNotSummed(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.db = dout
        return dx


class LossPerRow(SoftmaxWithLoss):
    def forward(self, x, t):
        super().forward(x, t)
        labels = t.argmax(axis=1) if t.ndim == x.ndim else t
        return -np.log(self.y[np.arange(len(labels)), labels])

    def backward(self, dout):
        dx = self.y.copy()
        dx[np.arange(len(self.t)), self.t] -= 1
        return dx * dout[:, np.newaxis]


class ClipsItsInput(ReLU):
    def forward(self, x):
        self.mask = x > 0
        x[~self.mask] = 0
        return x.copy()


class WritesUpstream(ReLU):
    def backward(self, dout):
        dout[~self.mask] = 0
        return dout


class UpdatesItself(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.W -= 0.1 * self.dW
        return dx


class RebindsItself(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.W = self.W - 0.1 * self.dW
        return dx


class WholeBatch(Softmax):
    def forward(self, x):
        e = np.exp(x - x.max())
        self.y = e / e.sum()
        return self.y

    def backward(self, dout):
        return self.y * (dout - (dout * self.y).sum())


class Noisy(Sigmoid):
    def forward(self, x):
        return super().forward(x) + np.random.default_rng().normal(0, 1e-3, x.shape)


class NoReturn(Sigmoid):
    def forward(self, x):
        super().forward(x)


class FixedBatch(Affine):
    def forward(self, x):
        if len(x) > 2:
            raise ValueError("made for a batch of two")
        return super().forward(x)


class Misspelt:
    def foward(self, x):
        return x * 2

    def backward(self, dout):
        return dout * 2


class Unfinished:
    def forward(self, x):
        return np.maximum(x, 0)


class NeverConstructed:
    def __int__(self, W, b):
        self.W, self.b = W, b

    forward = Affine.forward
    backward = Affine.backward


class WithoutSelf(Sigmoid):
    def backward(dout):  # noqa: N805 - the fault
        return dout * self.y * (1 - self.y)  # noqa: F821 - the fault


@dataclass(frozen=True)
class Broken:
    """A wrong layer, the check that must catch it, and its healthy twin."""

    check: str
    layer: type[Any]
    twin: type[Any]
    kind: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def asked(self) -> dict[str, Any]:
        """The options of check_layer."""
        return {**self.options, "kind": self.kind}

    @property
    def name(self) -> str:
        return f"{self.layer.__name__}-{self.check}"


BROKEN: tuple[Broken, ...] = (
    Broken("method-misspelt", Misspelt, ReLU, "relu"),
    Broken("method-missing", Unfinished, ReLU, "relu"),
    Broken("constructor-never-ran", NeverConstructed, Affine, "affine"),
    Broken("self-missing", WithoutSelf, Sigmoid, "sigmoid"),
    Broken("layer-raises", FixedBatch, Affine, "affine"),
    Broken("forward-returns-nothing", NoReturn, Sigmoid, "sigmoid"),
    Broken("input-gradient-wrong", DiagonalSoftmax, Softmax, "softmax"),
    Broken("parameter-gradient-wrong", DividedTwice, Affine, "affine"),
    Broken("parameter-gradient-wrong", OneWrongElement, Affine, "affine"),
    Broken("gradient-missing", ForgetsBias, Affine, "affine"),
    Broken("gradient-missing", OneOfTwo, Mul, "mul"),
    Broken("gradient-not-finite", DividesByZero, ReLU, "relu"),
    Broken("upstream-ignored", IgnoresUpstream, Sigmoid, "sigmoid"),
    Broken("upstream-masks", MasksByUpstream, ReLU, "relu"),
    Broken("gradient-shape-wrong", BiasNotSummed, Affine, "affine"),
    Broken("output-shape-wrong", LossPerRow, SoftmaxWithLoss, "softmax-with-loss"),
    Broken("input-mutated", ClipsItsInput, ReLU, "relu"),
    Broken("upstream-mutated", WritesUpstream, ReLU, "relu"),
    Broken("parameter-mutated", UpdatesItself, Affine, "affine"),
    Broken("parameter-mutated", RebindsItself, Affine, "affine"),
    Broken("not-deterministic", Noisy, Sigmoid, "sigmoid"),
    Broken("forward-differs", WholeBatch, Softmax, "softmax"),
)
