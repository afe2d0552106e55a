"""Losses that are right: labels as integers or one-hot, kinks, textbook epsilons."""

from __future__ import annotations

import numpy as np

from benchmarks.records import Right


class SoftmaxWithLoss:
    """Takes labels both as integers and one-hot."""

    def forward(self, x, t):
        self.t = t.argmax(axis=1) if t.ndim == x.ndim else t
        shifted = x - x.max(axis=1, keepdims=True)
        logp = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.y = np.exp(logp)
        return -logp[np.arange(len(x)), self.t].mean()

    def backward(self, dout=1.0):
        dx = self.y.copy()
        dx[np.arange(len(self.t)), self.t] -= 1
        return dout * dx / len(self.t)


class SoftmaxWithLossByRows(SoftmaxWithLoss):
    """Naive loops."""

    def backward(self, dout=1.0):
        N, C = self.y.shape
        dx = np.zeros_like(self.y)
        for n in range(N):
            for c in range(C):
                dx[n, c] = (self.y[n, c] - (c == self.t[n])) * dout / N
        return dx


class SoftmaxWithLossTextbook:
    """The logarithm is kept finite by an epsilon, which backward leaves out."""

    def forward(self, x, t):
        if t.ndim == 1:
            t = np.eye(x.shape[1])[t]
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.y, self.t = e / e.sum(axis=1, keepdims=True), t
        return -np.sum(t * np.log(self.y + 1e-7)) / len(x)

    def backward(self, dout=1):
        return dout * (self.y - self.t) / len(self.t)


class CrossEntropy:
    def forward(self, p, t):
        self.p = p
        self.t = t if t.ndim == p.ndim else np.eye(p.shape[-1])[t]
        return -np.sum(self.t * np.log(p)) / len(p)

    def backward(self, dout=1.0):
        return -dout * self.t / self.p / len(self.p)


class SigmoidWithLoss:
    def forward(self, x, t):
        self.x, self.t = x, t
        return np.mean(np.maximum(x, 0) - x * t + np.log1p(np.exp(-np.abs(x))))

    def backward(self, dout=1.0):
        s = 0.5 * (1 + np.tanh(self.x / 2))
        return dout * (s - self.t) / self.x.size


class NegativeLogLikelihood:
    def forward(self, x, t):
        self.shape, self.t = x.shape, t
        return -np.mean(x[np.arange(len(t)), t])

    def backward(self, dout=1.0):
        dx = np.zeros(self.shape)
        dx[np.arange(len(self.t)), self.t] = -dout / len(self.t)
        return dx


class Hinge:
    def forward(self, x, t):
        self.sign = 2 * t - 1
        room = 1 - self.sign * x
        self.active = room > 0
        return np.where(self.active, room, 0).mean()

    def backward(self, dout=1.0):
        return -dout * self.sign * self.active / self.active.size


class MulticlassHinge:
    def forward(self, x, t):
        rows = np.arange(len(x))
        margins = np.maximum(0, x - x[rows, t][:, None] + 1)
        margins[rows, t] = 0
        self.margins, self.t = margins, t
        return margins.sum() / len(x)

    def backward(self, dout=1.0):
        dx = (self.margins > 0).astype(self.margins.dtype)
        dx[np.arange(len(dx)), self.t] -= dx.sum(axis=1)
        return dout * dx / len(dx)


class MeanSquaredError:
    def forward(self, y, t):
        self.diff = y - t
        return np.mean(self.diff**2)

    def backward(self, dout=1.0):
        return dout * 2 * self.diff / self.diff.size


class MeanAbsoluteError:
    def forward(self, y, t):
        self.diff = y - t
        return np.abs(self.diff).mean()

    def backward(self, dout=1.0):
        return dout * np.sign(self.diff) / self.diff.size


class Huber:
    def __init__(self, delta=1.0):
        self.delta = delta

    def forward(self, y, t):
        self.diff = d = y - t
        far = self.delta * (np.abs(d) - self.delta / 2)
        return np.where(np.abs(d) <= self.delta, d**2 / 2, far).mean()

    def backward(self, dout=1.0):
        return dout * np.clip(self.diff, -self.delta, self.delta) / self.diff.size


class SmoothL1:
    def __init__(self, beta=1.0):
        self.beta = beta

    def forward(self, y, t):
        self.diff = d = y - t
        near = np.abs(d) < self.beta
        return np.where(near, d**2 / (2 * self.beta), np.abs(d) - self.beta / 2).mean()

    def backward(self, dout=1.0):
        return dout * np.clip(self.diff / self.beta, -1, 1) / self.diff.size


class KLDivergence:
    """Of log-probabilities from targets."""

    def forward(self, x, t):
        self.t, self.n = t, len(x)
        return np.sum(t * (np.log(t) - x)) / self.n

    def backward(self, dout=1.0):
        return -dout * self.t / self.n


class TimeSoftmaxWithLoss:
    def __init__(self, ignore_label=-1):
        self.ignore_label = ignore_label

    def forward(self, x, t):
        self.shape = x.shape
        flat, t = x.reshape(-1, x.shape[-1]), t.reshape(-1)
        self.keep = t != self.ignore_label
        shifted = flat - flat.max(axis=1, keepdims=True)
        logp = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.p, self.t = np.exp(logp), np.where(self.keep, t, 0)
        self.count = max(int(self.keep.sum()), 1)
        return -(logp[np.arange(len(t)), self.t] * self.keep).sum() / self.count

    def backward(self, dout=1.0):
        dx = self.p.copy()
        dx[np.arange(len(dx)), self.t] -= 1
        dx *= self.keep[:, None] * dout / self.count
        return dx.reshape(self.shape)


RIGHT = (
    Right(SoftmaxWithLoss, "softmax-with-loss", why="labels as integers and one-hot"),
    Right(SoftmaxWithLossByRows, "softmax-with-loss", why="naive loops"),
    Right(SoftmaxWithLossTextbook, "softmax-with-loss", why="an epsilon in forward only"),
    Right(CrossEntropy, "cross-entropy", why="divides by probabilities"),
    Right(SigmoidWithLoss, "sigmoid-with-loss", why="saturates, labels are integers"),
    Right(NegativeLogLikelihood, "negative-log-likelihood", why="labels are integers"),
    Right(Hinge, "hinge", why="a kink"),
    Right(MulticlassHinge, "multiclass-hinge", why="kinks, labels are integers"),
    Right(MeanSquaredError, "mean-squared-error"),
    Right(MeanAbsoluteError, "mean-absolute-error", why="a kink"),
    Right(Huber, "huber", why="a kink in the slope"),
    Right(SmoothL1, "smooth-l1", why="a kink in the slope"),
    Right(KLDivergence, "kl-divergence"),
    Right(TimeSoftmaxWithLoss, "time-softmax-with-loss", why="reshapes, labels to ignore"),
)
