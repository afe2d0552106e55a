"""Layers that depend on how an array lies in memory."""

from __future__ import annotations

import ctypes

import numpy as np

from benchmarks.demonstrations import (
    layout,
)
from benchmarks.records import Wrong
from benchmarks.right_layers.activations import (
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from benchmarks.right_layers.nodes import Flatten
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


WRONG = (
    Wrong(ReLUByMemory, "relu", bug="layout", shows=layout),
    Wrong(TanhByPointer, "tanh", bug="layout", shows=layout),
    Wrong(SigmoidByView, "sigmoid", bug="layout", shows=layout),
    Wrong(FlattenKeepsOrder, "flatten", bug="layout", shows=layout),
    Wrong(AvgPoolByStrides, "avg-pool1d", bug="layout", shows=layout),
    Wrong(SoftmaxInMemoryOrder, "softmax", bug="layout", shows=layout),
)
