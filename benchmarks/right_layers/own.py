"""Right layers of no known kind, with signatures of their own: scales, ties, shared inputs."""

from __future__ import annotations

import numpy as np

from benchmarks.points import Point
from benchmarks.records import Right


class HugeSquare:
    """Values of a million."""

    def forward(self, x):
        self.x = x
        return 1e6 * x**2

    def backward(self, dout):
        return dout * 2e6 * self.x


class Tiny:
    """Values of a thousand-millionth."""

    def forward(self, x):
        self.x = x
        return 1e-9 * np.sin(x)

    def backward(self, dout):
        return 1e-9 * np.cos(self.x) * dout


class Offset:
    """A small slope under a large constant."""

    def forward(self, x):
        self.x = x
        return 1000 + 1e-3 * x**3

    def backward(self, dout):
        return dout * 3e-3 * self.x**2


class Absolute:
    def forward(self, x):
        self.s = np.sign(x)
        return np.abs(x)

    def backward(self, dout):
        return dout * self.s


class Maxout:
    """The larger of two halves; the first where they are equal."""

    def forward(self, x, y):
        self.first = x >= y
        return np.where(self.first, x, y)

    def backward(self, dout):
        return np.where(self.first, dout, 0), np.where(self.first, 0, dout)


class RowMaximum:
    """The largest of each row; tied places share."""

    def forward(self, x):
        top = x.max(axis=1, keepdims=True)
        self.mask = (x == top) / (x == top).sum(axis=1, keepdims=True)
        return top[:, 0]

    def backward(self, dout):
        return self.mask * dout[:, None]


class Sorted:
    def forward(self, x):
        self.order = np.argsort(x, axis=1)
        return np.take_along_axis(x, self.order, axis=1)

    def backward(self, dout):
        dx = np.empty_like(dout)
        np.put_along_axis(dx, self.order, dout, axis=1)
        return dx


class Highway:
    """x is used four times."""

    def __init__(self, W, V):
        self.W, self.V = W, V

    def forward(self, x):
        self.x = x
        self.g, self.h = 0.5 * (1 + np.tanh(x @ self.V / 2)), np.tanh(x @ self.W)
        return self.g * self.h + (1 - self.g) * x

    def backward(self, dout):
        dg = dout * (self.h - self.x) * self.g * (1 - self.g)
        dh = dout * self.g * (1 - self.h**2)
        self.dW, self.dV = self.x.T @ dh, self.x.T @ dg
        return dout * (1 - self.g) + dg @ self.V.T + dh @ self.W.T


class TwoLayers:
    def __init__(self, W, b, V, c):
        self.W, self.b, self.V, self.c = W, b, V, c

    def forward(self, x):
        self.x, self.h = x, np.maximum(x @ self.W + self.b, 0)
        return self.h @ self.V + self.c

    def backward(self, dout):
        self.dV, self.dc = self.h.T @ dout, dout.sum(0)
        da = (dout @ self.V.T) * (self.h > 0)
        self.dW, self.db = self.x.T @ da, da.sum(0)
        return da @ self.W.T


class Cosine:
    """The cosine between rows."""

    def forward(self, x, y):
        self.x, self.y = x, y
        self.nx, self.ny = (np.sqrt((z**2).sum(1, keepdims=True) + 1e-6) for z in (x, y))
        self.c = (x * y).sum(1, keepdims=True) / (self.nx * self.ny)
        return self.c[:, 0]

    def backward(self, dout):
        up = dout[:, None] / (self.nx * self.ny)
        dx = up * (self.y - self.c * self.ny / self.nx * self.x)
        return dx, up * (self.x - self.c * self.nx / self.ny * self.y)


class Bilinear:
    def __init__(self, W):
        self.W = W

    def forward(self, x, y):
        self.x, self.y = x, y
        return np.einsum("nd,dek,ne->nk", x, self.W, y)

    def backward(self, dout):
        self.dW = np.einsum("nd,nk,ne->dek", self.x, dout, self.y)
        dx = np.einsum("nk,dek,ne->nd", dout, self.W, self.y)
        return dx, np.einsum("nk,dek,nd->ne", dout, self.W, self.x)


RIGHT = (
    Right(HugeSquare, signature="x: N D -> y: N D", why="huge values"),
    Right(Tiny, signature="x: N D -> y: N D", why="tiny values"),
    Right(Offset, signature="x: N D -> y: N D", why="a small slope under a large constant"),
    Right(Absolute, signature="x: N D -> y: N D", why="a kink"),
    Right(Maxout, signature="x: N D, y: N D -> z: N D", ordinary=Point("x 3 4, y 3 4"), why="ties"),
    Right(RowMaximum, signature="x: N D -> y: N", why="ties share"),
    Right(Sorted, signature="x: N D -> y: N D", why="ties"),
    Right(
        Highway,
        signature="x: N D, W: D D, V: D D -> y: N D",
        parameters=("W", "V"),
        ordinary=Point("x 3 4", "W 4 4, V 4 4"),
        why="x is used four times",
    ),
    Right(
        TwoLayers,
        signature="x: N D, W: D H, b: H, V: H M, c: M -> y: N M",
        parameters=("W", "b", "V", "c"),
        ordinary=Point("x 3 4", "W 4 6, b 6, V 6 5, c 5"),
        why="a kink inside",
    ),
    Right(
        Cosine, signature="x: N D, y: N D -> z: N", ordinary=Point("x 3 4, y 3 4"), why="divides"
    ),
    Right(
        Bilinear,
        signature="x: N D, y: N E, W: D E K -> z: N K",
        parameters=("W",),
        ordinary=Point("x 3 4, y 3 2", "W 4 2 5"),
        why="einsum",
    ),
)
