"""Nodes and changes of shape that are right."""

from __future__ import annotations

import numpy as np

from benchmarks.records import Right


class Add:
    def forward(self, x, y):
        return x + y

    def backward(self, dout):
        return dout, dout


class Sub:
    def forward(self, x, y):
        return x - y

    def backward(self, dout):
        return dout, -dout


class Mul:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        return dout * self.y, dout * self.x


class Div:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x / y

    def backward(self, dout):
        return dout / self.y, -dout * self.x / self.y**2


class Exp:
    def forward(self, x):
        self.out = np.exp(x)
        return self.out

    def backward(self, dout):
        return dout * self.out


class Log:
    def forward(self, x):
        self.x = x
        return np.log(x)

    def backward(self, dout):
        return dout / self.x


class Repeat:
    def __init__(self, times=2):
        self.times = times

    def forward(self, x):
        return np.repeat(x, self.times, axis=0)

    def backward(self, dout):
        return np.sum(dout, axis=0, keepdims=True)


class Sum:
    def forward(self, x):
        self.n = len(x)
        return np.sum(x, axis=0, keepdims=True)

    def backward(self, dout):
        return np.repeat(dout, self.n, axis=0)


class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dout):
        return dout.reshape(self.shape)


class Transpose:
    def __init__(self, axes=None):
        self.axes = axes

    def forward(self, x):
        return np.transpose(x, self.axes)

    def backward(self, dout):
        if self.axes is None:
            return np.transpose(dout)
        return np.transpose(dout, np.argsort([axis % dout.ndim for axis in self.axes]))


class Concatenate:
    def __init__(self, axis=1):
        self.axis = axis

    def forward(self, x, y):
        self.cut = x.shape[self.axis]
        return np.concatenate([x, y], axis=self.axis)

    def backward(self, dout):
        dx, dy = np.split(dout, [self.cut], axis=self.axis)
        return dx, dy


RIGHT = (
    Right(Add, "add", why="returns the upstream gradient itself, twice"),
    Right(Sub, "sub"),
    Right(Mul, "mul"),
    Right(Div, "div", why="steep near zero"),
    Right(Exp, "exp", why="huge values"),
    Right(Log, "log", why="steep near zero"),
    Right(Repeat, "repeat"),
    Right(Sum, "sum"),
    Right(Flatten, "flatten", why="returns a view"),
    Right(Transpose, "transpose", why="returns a view"),
    Right(Concatenate, "concatenate", why="returns views"),
)
