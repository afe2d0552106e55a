"""Normalisation and dropout that are right."""

from __future__ import annotations

import numpy as np

from benchmarks.points import Point
from benchmarks.records import Right


class BatchNorm:
    """In stages, one line for each node of the graph; running statistics in training."""

    def __init__(
        self,
        gamma,
        beta,
        running_mean=None,
        running_var=None,
        eps=1e-5,
        momentum=0.1,
        training=True,
    ):
        self.gamma, self.beta, self.eps = gamma, beta, eps
        self.momentum, self.training = momentum, training
        self.running_mean = np.zeros_like(gamma) if running_mean is None else running_mean
        self.running_var = np.ones_like(gamma) if running_var is None else running_var

    def forward(self, x):
        self.x = x
        if not self.training:
            self.std = np.sqrt(self.running_var + self.eps)
            self.x_hat = (x - self.running_mean) / self.std
            return self.gamma * self.x_hat + self.beta
        mean = x.mean(axis=0)
        self.xc = x - mean
        var = np.mean(self.xc**2, axis=0)
        self.std = np.sqrt(var + self.eps)
        self.x_hat = self.xc / self.std
        keep = 1 - self.momentum
        self.running_mean = keep * self.running_mean + self.momentum * mean
        self.running_var = keep * self.running_var + self.momentum * var
        return self.gamma * self.x_hat + self.beta

    def backward(self, dout):
        self.dbeta = dout.sum(axis=0)
        self.dgamma = np.sum(self.x_hat * dout, axis=0)
        dxn = self.gamma * dout
        if not self.training:
            return dxn / self.std
        return self.through_statistics(dxn)

    def through_statistics(self, dxn):
        N = len(dxn)
        dxc = dxn / self.std
        dstd = -np.sum(dxn * self.xc / self.std**2, axis=0)
        dvar = 0.5 * dstd / self.std
        dxc = dxc + 2.0 / N * self.xc * dvar
        dmu = np.sum(dxc, axis=0)
        return dxc - dmu / N


class BatchNormInOneLine(BatchNorm):
    def through_statistics(self, dxn):
        mean = dxn.mean(axis=0)
        return (dxn - mean - self.x_hat * (dxn * self.x_hat).mean(axis=0)) / self.std


class LayerNorm:
    def __init__(self, gamma, beta, eps=1e-5):
        self.gamma, self.beta, self.eps = gamma, beta, eps

    def forward(self, x):
        xc = x - x.mean(axis=-1, keepdims=True)
        self.std = np.sqrt((xc**2).mean(axis=-1, keepdims=True) + self.eps)
        self.x_hat = xc / self.std
        return self.gamma * self.x_hat + self.beta

    def backward(self, dout):
        batch = tuple(range(dout.ndim - 1))
        self.dgamma = (dout * self.x_hat).sum(axis=batch)
        self.dbeta = dout.sum(axis=batch)
        g = dout * self.gamma
        along = (g * self.x_hat).mean(axis=-1, keepdims=True)
        return (g - g.mean(axis=-1, keepdims=True) - self.x_hat * along) / self.std


class RMSNorm:
    def __init__(self, gamma, eps=1e-6):
        self.gamma, self.eps = gamma, eps

    def forward(self, x):
        self.x = x
        self.r = 1 / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + self.eps)
        return self.gamma * x * self.r

    def backward(self, dout):
        self.dgamma = (dout * self.x * self.r).sum(axis=tuple(range(dout.ndim - 1)))
        g = dout * self.gamma
        inner = np.mean(g * self.x, axis=-1, keepdims=True)
        return self.r * g - self.r**3 * self.x * inner


class GroupNorm:
    def __init__(self, gamma, beta, groups=2, eps=1e-5):
        self.gamma, self.beta, self.groups, self.eps = gamma, beta, groups, eps

    def forward(self, x):
        z = x.reshape(len(x), self.groups, -1)
        z = z - z.mean(axis=2, keepdims=True)
        self.std = np.sqrt((z**2).mean(axis=2, keepdims=True) + self.eps)
        self.x_hat = (z / self.std).reshape(x.shape)
        self.wide = (1, -1) + (1,) * (x.ndim - 2)
        return self.gamma.reshape(self.wide) * self.x_hat + self.beta.reshape(self.wide)

    def backward(self, dout):
        axes = (0, *range(2, dout.ndim))
        self.dgamma, self.dbeta = (dout * self.x_hat).sum(axis=axes), dout.sum(axis=axes)
        shape = (len(dout), self.groups, -1)
        g = (dout * self.gamma.reshape(self.wide)).reshape(shape)
        h = self.x_hat.reshape(shape)
        dz = g - g.mean(axis=2, keepdims=True) - h * (g * h).mean(axis=2, keepdims=True)
        return (dz / self.std).reshape(dout.shape)


class InstanceNorm:
    """By loops over images and channels."""

    def __init__(self, gamma, beta, eps=1e-5):
        self.gamma, self.beta, self.eps = gamma, beta, eps

    def forward(self, x):
        self.x_hat, self.std = np.empty_like(x), np.empty(x.shape[:2], dtype=x.dtype)
        y = np.empty_like(x)
        for n, c in np.ndindex(*x.shape[:2]):
            one = x[n, c] - x[n, c].mean()
            self.std[n, c] = np.sqrt((one**2).mean() + self.eps)
            self.x_hat[n, c] = one / self.std[n, c]
            y[n, c] = self.gamma[c] * self.x_hat[n, c] + self.beta[c]
        return y

    def backward(self, dout):
        self.dgamma, self.dbeta = np.zeros_like(self.gamma), np.zeros_like(self.beta)
        dx = np.empty_like(dout)
        for n, c in np.ndindex(*dout.shape[:2]):
            h, g = self.x_hat[n, c], dout[n, c]
            self.dgamma[c] += (g * h).sum()
            self.dbeta[c] += g.sum()
            dx[n, c] = self.gamma[c] * (g - g.mean() - h * (g * h).mean()) / self.std[n, c]
        return dx


class Dropout:
    """Inverted, with a generator of its own."""

    def __init__(self, p=0.5, training=True, rng=0):
        self.p, self.training, self.rng = p, training, np.random.default_rng(rng)

    def forward(self, x):
        self.mask = np.ones_like(x)
        if self.training and self.p < 1:
            self.mask = (self.rng.random(x.shape) >= self.p) / (1 - self.p)
        elif self.training:
            self.mask = np.zeros_like(x)
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class DropoutOfGlobalState:
    """Draws from NumPy's global generator."""

    def __init__(self, p=0.5):
        self.p = p

    def forward(self, x):
        self.keep = np.random.rand(*x.shape) >= self.p
        return np.where(self.keep, x, 0)

    def backward(self, dout):
        return np.where(self.keep, dout, 0)


RIGHT = (
    Right(BatchNorm, "batch-norm", why="stages, running statistics"),
    Right(BatchNormInOneLine, "batch-norm", why="the formula in one line"),
    Right(LayerNorm, "layer-norm"),
    Right(RMSNorm, "rms-norm", why="steep near zero"),
    Right(GroupNorm, "group-norm", why="reshapes"),
    Right(InstanceNorm, "instance-norm", why="naive loops"),
    Right(Dropout, "dropout", why="a generator of its own"),
    Right(
        DropoutOfGlobalState,
        signature="x: N D -> y: N D",
        ordinary=Point("x 4 6"),
        why="draws from the global generator",
    ),
)
