"""Activations that are right: kinks, ties, saturations, in many styles."""

from __future__ import annotations

import math

import numpy as np

from benchmarks.records import Right


class ReLU:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class ReLUAtZero(ReLU):
    """Takes the slope at the kink from the right."""

    def forward(self, x):
        self.mask = x >= 0
        return np.maximum(0, x)


class ReLUOnCopy:
    def forward(self, x):
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        dx = dout.copy()
        dx[self.mask] = 0
        return dx


class ReLUByLoops:
    def forward(self, x):
        self.x = x
        y = np.empty_like(x)
        for place in np.ndindex(*x.shape):
            y[place] = x[place] if x[place] > 0 else 0
        return y

    def backward(self, dout):
        dx = np.zeros_like(self.x)
        for place in np.ndindex(*self.x.shape):
            if self.x[place] > 0:
                dx[place] = dout[place]
        return dx


def relu_forward(x):
    out = np.maximum(0, x)
    return out, x


def relu_backward(dout, cache):
    return dout * (cache > 0)


class LeakyReLU:
    def __init__(self, alpha=0.01):
        self.alpha = alpha

    def forward(self, x):
        self.slope = np.where(x > 0, 1.0, self.alpha).astype(x.dtype)
        return self.slope * x

    def backward(self, dout):
        return self.slope * dout


class PReLU:
    def __init__(self, a):
        self.a = a

    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, self.a * x)

    def backward(self, dout):
        low = np.where(self.x > 0, 0, self.x * dout)
        self.da = low.sum(axis=0)
        return np.where(self.x > 0, dout, self.a * dout)


class ELU:
    def __init__(self, alpha=1.0):
        self.alpha = alpha

    def forward(self, x):
        self.x = x
        self.low = self.alpha * np.expm1(np.minimum(x, 0))
        return np.where(x > 0, x, self.low)

    def backward(self, dout):
        return dout * np.where(self.x > 0, 1, self.low + self.alpha)


class SELU:
    scale, alpha = 1.0507009873554805, 1.6732632423543772

    def forward(self, x):
        self.x = x
        self.e = self.alpha * np.exp(np.minimum(x, 0))
        return self.scale * np.where(x > 0, x, self.e - self.alpha)

    def backward(self, dout):
        return dout * self.scale * np.where(self.x > 0, 1, self.e)


class HardTanh:
    def __init__(self, low=-1.0, high=1.0):
        self.low, self.high = low, high

    def forward(self, x):
        self.inside = (x > self.low) & (x < self.high)
        return np.clip(x, self.low, self.high)

    def backward(self, dout):
        return dout * self.inside


class HardSigmoid:
    def __init__(self, slope=1 / 6):
        self.slope = slope

    def forward(self, x):
        y = np.clip(self.slope * x + 0.5, 0, 1)
        self.inside = (y > 0) & (y < 1)
        return y

    def backward(self, dout):
        return dout * self.slope * self.inside


class Sigmoid:
    """Stable on both sides."""

    def forward(self, x):
        e = np.exp(-np.abs(x))
        self.y = np.where(x >= 0, 1 / (1 + e), e / (1 + e))
        return self.y

    def backward(self, dout):
        return dout * self.y * (1 - self.y)


class Tanh:
    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, dout):
        return dout * (1 - np.square(self.out))


class Softplus:
    def __init__(self, beta=1.0):
        self.beta = beta

    def forward(self, x):
        self.z = self.beta * x
        return np.logaddexp(0, self.z) / self.beta

    def backward(self, dout):
        return dout * 0.5 * (1 + np.tanh(self.z / 2))


class SiLU:
    def __init__(self, beta=1.0):
        self.beta = beta

    def forward(self, x):
        self.x = x
        self.s = 0.5 * (1 + np.tanh(self.beta * x / 2))
        return x * self.s

    def backward(self, dout):
        return dout * self.s * (1 + self.beta * self.x * (1 - self.s))


class Mish:
    def forward(self, x):
        self.x = x
        self.t = np.tanh(np.logaddexp(0, x))
        return x * self.t

    def backward(self, dout):
        s = 0.5 * (1 + np.tanh(self.x / 2))
        return dout * (self.t + self.x * (1 - self.t**2) * s)


class GELU:
    """With the error function of the standard library."""

    def forward(self, x):
        self.x = x
        self.cdf = 0.5 * np.vectorize(math.erfc, otypes=[float])(-x / math.sqrt(2)).astype(x.dtype)
        return x * self.cdf

    def backward(self, dout):
        density = np.exp(-np.square(self.x) / 2) / math.sqrt(2 * math.pi)
        return dout * (self.cdf + self.x * density)


class GELUTanh:
    def forward(self, x):
        self.x = x
        self.t = np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))
        return 0.5 * x * (1 + self.t)

    def backward(self, dout):
        inner = np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * self.x**2)
        return dout * 0.5 * (1 + self.t + self.x * (1 - self.t**2) * inner)


class Softmax:
    def forward(self, x):
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        self.y = e / e.sum(axis=-1, keepdims=True)
        return self.y

    def backward(self, dout):
        dx = self.y * dout
        return dx - self.y * dx.sum(axis=-1, keepdims=True)


class SoftmaxByJacobian:
    """Writes the whole Jacobian down for each row."""

    def forward(self, x):
        e = np.exp(x - np.max(x, axis=1, keepdims=True))
        self.y = e / np.sum(e, axis=1, keepdims=True)
        return self.y

    def backward(self, dout):
        dx = np.zeros_like(self.y)
        for i, (row, up) in enumerate(zip(self.y, dout, strict=True)):
            jacobian = np.diag(row) - np.outer(row, row)
            dx[i] = jacobian @ up
        return dx


class LogSoftmax:
    def forward(self, x):
        shifted = x - x.max(axis=-1, keepdims=True)
        self.y = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        return self.y

    def backward(self, dout):
        return dout - np.exp(self.y) * dout.sum(axis=-1, keepdims=True)


RIGHT = (
    Right(ReLU, "relu", why="a kink"),
    Right(ReLUAtZero, "relu", why="the other slope at the kink"),
    Right(ReLUOnCopy, "relu", why="writes into its own copies"),
    Right(ReLUByLoops, "relu", why="naive loops"),
    Right((relu_forward, relu_backward), "relu", why="a pair of functions"),
    Right(LeakyReLU, "leaky-relu", why="a kink, an option"),
    Right(PReLU, "prelu", why="a kink, a parameter"),
    Right(ELU, "elu", why="a kink, an option"),
    Right(SELU, "selu", why="a kink"),
    Right(HardTanh, "hard-tanh", why="two kinks, flat parts"),
    Right(HardSigmoid, "hard-sigmoid", why="two kinks, flat parts"),
    Right(Sigmoid, "sigmoid", why="saturates"),
    Right(Tanh, "tanh", why="saturates"),
    Right(Softplus, "softplus", why="saturates"),
    Right(SiLU, "silu", why="saturates on one side"),
    Right(Mish, "mish", why="saturates on one side"),
    Right(GELU, "gelu", why="float64 inside"),
    Right(GELUTanh, "gelu-tanh"),
    Right(Softmax, "softmax", why="saturates"),
    Right(SoftmaxByJacobian, "softmax", why="naive loops"),
    Right(LogSoftmax, "log-softmax"),
)
