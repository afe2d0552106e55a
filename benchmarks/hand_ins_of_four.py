"""Hand-ins of four right layers for benchmarks/isolation.py: as students write, and as texts."""

from __future__ import annotations

_START = "import numpy as np\n"
_SIGMOID = """
class Sigmoid:
    def forward(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y

    def backward(self, dout):
        return dout * self.y * (1 - self.y)
"""
_AFFINE = """
class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T
"""
_RELU = """
class Relu:
    def forward(self, x):
        self.mask = x <= 0
        return np.where(self.mask, 0, x)

    def backward(self, dout):
        return np.where(self.mask, 0, dout)
"""
_SOFTMAX = """
class Softmax:
    def forward(self, x):
        shifted = np.exp(x - x.max(axis=-1, keepdims=True))
        self.y = shifted / shifted.sum(axis=-1, keepdims=True)
        return self.y

    def backward(self, dout):
        return self.y * (dout - (dout * self.y).sum(axis=-1, keepdims=True))
"""
_TANH = """
class Tanh:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y

    def backward(self, dout):
        return dout * (1 - self.y**2)
"""

CHECKED = _START + _SIGMOID + _AFFINE + _RELU + _SOFTMAX
"""With a layer that has parameters."""

POINTWISE = _START + _SIGMOID + _TANH + _RELU + _SOFTMAX
"""All of one array of any shape: what can be called without finding out how."""
