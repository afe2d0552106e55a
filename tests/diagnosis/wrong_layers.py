"""Student layers that are wrong in one way each, for the explainers to name or to be silent of."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcheck import check_layer
from gradcheck.findings import Diagnosis, Finding
from tests.broken_layers import Affine


class LayerNorm:
    """Right; the wrong ones change ``dx``."""

    def __init__(self, gamma, beta, eps=1e-5):
        self.gamma, self.beta, self.eps = gamma, beta, eps

    def forward(self, x):
        self.mean = x.mean(axis=-1, keepdims=True)
        self.std = np.sqrt(x.var(axis=-1, keepdims=True) + self.eps)
        self.xhat = (x - self.mean) / self.std
        return self.gamma * self.xhat + self.beta

    def backward(self, dout):
        lead = tuple(range(dout.ndim - self.gamma.ndim))
        self.dgamma = (dout * self.xhat).sum(axis=lead)
        self.dbeta = dout.sum(axis=lead)
        return self.dx(dout * self.gamma)

    def dx(self, g):
        return self.through(g, mean=1.0, variance=1.0)

    def through(self, g, mean, variance):
        along = (g * self.xhat).mean(axis=-1, keepdims=True)
        g = g - mean * g.mean(axis=-1, keepdims=True) - variance * self.xhat * along
        return g / self.std


class LeakyReLU:
    def __init__(self, alpha=0.01):
        self.alpha = alpha

    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, self.alpha * x)

    def backward(self, dout):
        return np.where(self.x > 0, dout, self.alpha * dout)


class Embedding:
    def __init__(self, W):
        self.W = W

    def forward(self, ids):
        self.ids = ids
        return self.W[ids]

    def backward(self, dout):
        self.dW = np.zeros_like(self.W)
        np.add.at(self.dW, self.ids, dout)


def affine(**changes: Any) -> type[Affine]:
    """Return an affine layer whose gradients are changed: name -> f(layer, gradient, dout)."""

    class Changed(Affine):
        def backward(self, dout):
            found = {"dx": super().backward(dout), "dW": self.dW, "db": self.db}
            for name, change in changes.items():
                found[name] = change(self, found[name], dout)
            self.dW, self.db = found["dW"], found["db"]
            return found["dx"]

    return Changed


def changed(layer: type[Any], change: Any) -> type[Any]:
    """Return a layer whose dx is changed: a function of (layer, dx, dout)."""

    class Changed(layer):
        def backward(self, dout):
            return change(self, super().backward(dout), dout)

    Changed.__name__ = layer.__name__
    return Changed


def findings(layer: type[Any], kind: str, **options: Any) -> dict[str, Finding]:
    report = check_layer(
        layer, kind=kind, **{"select": ["GC101", "GC102"], "shrink_seconds": 0.2, **options}
    )
    return {one.array or "": one for one in report.findings if "gradient-wrong" in one.check}


def diagnosed(layer: type[Any], kind: str, array: str, **options: Any) -> Diagnosis | None:
    return findings(layer, kind, **options)[array].diagnosis


def name_of(layer: type[Any], kind: str, array: str, **options: Any) -> str | None:
    found = diagnosed(layer, kind, array, **options)
    return found.name if found else None
