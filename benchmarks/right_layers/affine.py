"""Dense layers that are right, as students write them."""

from __future__ import annotations

import numpy as np

from benchmarks.points import Point
from benchmarks.records import Right


class Affine:
    """Weights of shape (in, out)."""

    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T


class AffineCopying(Affine):
    """Keeps copies, so nobody can change its cache."""

    def forward(self, x):
        self.x = np.array(x)
        return np.dot(self.x, self.W) + self.b

    def backward(self, dout):
        dout = np.array(dout)
        self.dW, self.db = np.dot(self.x.T, dout), np.sum(dout, 0)
        return np.dot(dout, self.W.T)


class AffineOfAnyShape(Affine):
    """Flattens all but the first axis, and gives the gradient the shape of the input."""

    def forward(self, x):
        self.shape = x.shape
        self.x = x.reshape(x.shape[0], -1)
        return self.x @ self.W + self.b

    def backward(self, dout):
        dx = super().backward(dout)
        return dx.reshape(*self.shape)


class TimeAffine(Affine):
    """Over (N, T, D)."""

    def forward(self, x):
        N, T, D = x.shape
        self.x = x
        return (x.reshape(N * T, -1) @ self.W + self.b).reshape(N, T, -1)

    def backward(self, dout):
        N, T, D = self.x.shape
        dout, rx = dout.reshape(N * T, -1), self.x.reshape(N * T, -1)
        self.db = np.sum(dout, axis=0)
        self.dW = np.dot(rx.T, dout)
        return np.dot(dout, self.W.T).reshape(N, T, D)


class AffineInLists:
    """Gradients in a list that is written in place."""

    def __init__(self, W, b):
        self.params = [W, b]
        self.grads = [np.zeros_like(W), np.zeros_like(b)]
        self.x = None

    def forward(self, x):
        W, b = self.params
        self.x = x
        return np.dot(x, W) + b

    def backward(self, dout):
        W, b = self.params
        dW = np.dot(self.x.T, dout)
        self.grads[0][...] = dW
        self.grads[1][...] = np.sum(dout, axis=0)
        return np.dot(dout, W.T)


class AffineInDict:
    """Gradients in a dict."""

    def __init__(self, W, b):
        self.params = {"W": W, "b": b}
        self.grads = {}

    def forward(self, x):
        self.x = x
        return x @ self.params["W"] + self.params["b"]

    def backward(self, dout):
        self.grads["W"] = np.einsum("nd,nm->dm", self.x, dout)
        self.grads["b"] = np.einsum("nm->m", dout)
        return np.einsum("nm,dm->nd", dout, self.params["W"])


class AffineAccumulating(Affine):
    """Adds up its gradients until they are set to zero, by convention."""

    def __init__(self, W, b):
        super().__init__(W, b)
        self.zero_grad()

    def zero_grad(self):
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)

    def backward(self, dout):
        self.dW += self.x.T @ dout
        self.db += dout.sum(axis=0)
        return dout @ self.W.T


class AffineByLoops(Affine):
    """One multiplication at a time."""

    def forward(self, x):
        self.x = x
        y = np.zeros((x.shape[0], self.W.shape[1]), dtype=x.dtype)
        for n in range(y.shape[0]):
            for m in range(y.shape[1]):
                y[n, m] = self.b[m]
                for d in range(x.shape[1]):
                    y[n, m] += x[n, d] * self.W[d, m]
        return y

    def backward(self, dout):
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)
        dx = np.zeros_like(self.x)
        for n in range(dout.shape[0]):
            self.db += dout[n]
            for m in range(dout.shape[1]):
                self.dW[:, m] += dout[n, m] * self.x[n]
                dx[n] += dout[n, m] * self.W[:, m]
        return dx


class AffineWithSpare(Affine):
    """Has a parameter that it does not use, and so a gradient of zeros."""

    def __init__(self, W, b, spare):
        super().__init__(W, b)
        self.spare = spare

    def backward(self, dout):
        self.dspare = np.zeros_like(self.spare)
        return super().backward(dout)


class AffineTolerant(Affine):
    """Works in the precision that it is given."""

    def forward(self, x):
        self.x = np.asarray(x)
        y = np.empty((len(x), len(self.b)), dtype=self.x.dtype)
        np.matmul(self.x, self.W, out=y)
        y += self.b
        return y


class MatMul:
    """A product of two inputs."""

    def forward(self, x, W):
        self.x, self.W = x, W
        return np.matmul(x, W)

    def backward(self, dout):
        return dout @ self.W.T, self.x.T @ dout


def affine_forward(x, w, b):
    """Flatten, multiply, add."""
    out = x.reshape(x.shape[0], -1).dot(w) + b
    return out, (x, w, b)


def affine_backward(dout, cache):
    """Return the three gradients."""
    x, w, b = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    db = np.sum(dout, axis=0)
    return dx, dw, db


PAIR = Point("x 3 4", "w 4 5, b 5")

RIGHT = (
    Right(Affine, "affine"),
    Right(AffineCopying, "affine", why="keeps copies"),
    Right(AffineOfAnyShape, "affine", why="reshapes its input"),
    Right(TimeAffine, "affine", ordinary=Point("x 3 2 4", "W 4 5, b 5"), why="reshapes"),
    Right(AffineInLists, "affine", why="writes into its lists of gradients"),
    Right(AffineInDict, "affine", why="einsum, gradients in a dict"),
    Right(AffineAccumulating, "affine", why="adds up until zero_grad"),
    Right(AffineByLoops, "affine", why="naive loops"),
    Right(
        AffineWithSpare,
        signature="x: N D, W: D M, b: M, spare: M -> y: N M",
        parameters=("W", "b", "spare"),
        ordinary=Point("x 3 4", "W 4 5, b 5, spare 5"),
        why="a parameter that is not used",
    ),
    Right(AffineTolerant, "affine", why="writes into its own buffer"),
    Right(MatMul, "matmul"),
    Right((affine_forward, affine_backward), "affine", ordinary=PAIR, why="a pair of functions"),
)
