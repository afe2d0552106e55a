"""Layers that depend on the layout, the precision or the size of what they are given."""

from __future__ import annotations

import ctypes

import numpy as np

from benchmarks.demonstrations import (
    forward_differs,
    in_float32,
    in_integers,
    layout,
    not_finite,
)
from benchmarks.points import POINTS, Point
from benchmarks.records import Wrong
from benchmarks.right_layers.activations import (
    ELU,
    LogSoftmax,
    ReLU,
    Sigmoid,
    Softmax,
    Softplus,
    Tanh,
)
from benchmarks.right_layers.affine import Affine
from benchmarks.right_layers.losses import SigmoidWithLoss, SoftmaxWithLoss
from benchmarks.right_layers.nodes import Flatten
from benchmarks.right_layers.normalisation import LayerNorm
from benchmarks.right_layers.pooling import AvgPool1d


class ReLUByMemory(ReLU):
    """Ravels in the order of memory, reshapes in the order of C."""

    def forward(self, x):
        flat = x.ravel(order="K")
        self.mask = (flat > 0).reshape(x.shape)
        return (flat * (flat > 0)).reshape(x.shape)

    def backward(self, dout):
        return dout * self.mask


class TanhByPointer(Tanh):
    """Reads the upstream gradient through its address."""

    def backward(self, dout):
        size = dout.dtype.itemsize * dout.size
        raw = ctypes.string_at(dout.ctypes.data, size)
        up = np.frombuffer(raw, dtype=dout.dtype).reshape(dout.shape)
        return up * (1 - self.out**2)


class SigmoidByView(Sigmoid):
    """Looks at the bytes of its input, which only contiguous arrays allow."""

    def forward(self, x):
        sign = x.view(np.uint8).reshape(*x.shape, -1)[..., -1] >> 7 if x.dtype == float else 0
        y = super().forward(x)
        self.negative = sign
        return y


class FlattenKeepsOrder(Flatten):
    """Flattens in whatever order the input lies."""

    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1, order="A")


class AvgPoolByStrides(AvgPool1d):
    """Cuts windows with strides that hold for contiguous arrays only."""

    def forward(self, x):
        self.shape = x.shape
        N, C, H = x.shape
        P, item = (H - self.size) // self.stride + 1, x.itemsize
        seen = np.lib.stride_tricks.as_strided(
            x, (N, C, P, self.size), (C * H * item, H * item, self.stride * item, item)
        )
        return seen.mean(axis=3)


class SoftmaxInMemoryOrder(Softmax):
    """Transposes by exchanging the data of its gradient in place of its axes."""

    def backward(self, dout):
        if dout.flags.f_contiguous and not dout.flags.c_contiguous:
            dout = dout.ravel(order="K").reshape(dout.shape)
        return super().backward(dout)


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
    Wrong(ReLUByMemory, "relu", bug="layout", shows=layout),
    Wrong(TanhByPointer, "tanh", bug="layout", shows=layout),
    Wrong(SigmoidByView, "sigmoid", bug="layout", shows=layout),
    Wrong(FlattenKeepsOrder, "flatten", bug="layout", shows=layout),
    Wrong(AvgPoolByStrides, "avg-pool1d", bug="layout", shows=layout),
    Wrong(SoftmaxInMemoryOrder, "softmax", bug="layout", shows=layout),
    Wrong(TanhInSingle, "tanh", bug="precision", shows=forward_differs),
    Wrong(AffineInSingle, "affine", bug="precision", shows=forward_differs),
    Wrong(SigmoidGradientInHalf, "sigmoid", bug="precision"),
    Wrong(LayerNormEpsilonTooSmall, "layer-norm", bug="precision", shows=in_float32),
    Wrong(ReLUDoubles, "relu", bug="precision", shows=in_float32),
    Wrong(ReLUTruncates, "relu", bug="integers", shows=in_integers),
    Wrong(AffineTruncates, "affine", bug="integers", shows=in_integers),
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
