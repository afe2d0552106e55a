"""Layers that lose the precision or the type of what they are given."""

from __future__ import annotations

import numpy as np

from benchmarks.demonstrations import (
    forward_differs,
    in_float32,
    in_integers,
)
from benchmarks.records import Wrong
from benchmarks.right_layers.activations import (
    ReLU,
    Sigmoid,
    Tanh,
)
from benchmarks.right_layers.affine import Affine
from benchmarks.right_layers.normalisation import LayerNorm


class TanhInSingle(Tanh):
    """Computes in float32, whatever it is given."""

    def forward(self, x):
        self.out = np.tanh(x.astype(np.float32))
        return self.out.astype(x.dtype)


class AffineInSingle(Affine):
    def forward(self, x):
        self.x = x.astype(np.float32)
        return self.x @ self.W.astype(np.float32) + self.b.astype(np.float32)


class SigmoidGradientInHalf(Sigmoid):
    """The gradient is computed in float16."""

    def backward(self, dout):
        y = self.y.astype(np.float16)
        return dout * (y * (1 - y)).astype(dout.dtype)


class LayerNormEpsilonTooSmall(LayerNorm):
    """In float32, statistics are those of squares minus the square, of shifted values."""

    def forward(self, x):
        offset = x.dtype.type(1e4)
        z = x + offset
        mean = z.mean(axis=-1, keepdims=True)
        variance = (z**2).mean(axis=-1, keepdims=True) - mean**2
        self.std = np.sqrt(np.maximum(variance, 0) + self.eps).astype(x.dtype)
        self.x_hat = ((z - mean) / self.std).astype(x.dtype)
        return self.gamma * self.x_hat + self.beta


class ReLUDoubles(ReLU):
    """Gives float64 for float32."""

    def forward(self, x):
        return super().forward(x).astype(np.float64)


class ReLUTruncates(ReLU):
    """The gradient is stored in an array like an integer input."""

    def forward(self, x):
        self.x = x
        return super().forward(x)

    def backward(self, dout):
        dx = np.zeros_like(self.x)
        dx[...] = dout * self.mask
        return dx


class AffineTruncates(Affine):
    def forward(self, x):
        self.x = x
        y = np.zeros((len(x), len(self.b)), dtype=x.dtype)
        y[...] = x @ self.W + self.b
        return y


WRONG = (
    Wrong(TanhInSingle, "tanh", bug="precision", shows=forward_differs),
    Wrong(AffineInSingle, "affine", bug="precision", shows=forward_differs),
    Wrong(SigmoidGradientInHalf, "sigmoid", bug="precision"),
    Wrong(LayerNormEpsilonTooSmall, "layer-norm", bug="precision", shows=in_float32),
    Wrong(ReLUDoubles, "relu", bug="precision", shows=in_float32, preview=True),
    Wrong(ReLUTruncates, "relu", bug="integers", shows=in_integers),
    Wrong(AffineTruncates, "affine", bug="integers", shows=in_integers),
)
