"""Raises from a depth of many frames."""

import sys


def deep(n):
    if n == 0:
        raise ValueError("from below")
    return deep(n - 1)


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        sys.setrecursionlimit(20_000)
        return deep(10_000)
