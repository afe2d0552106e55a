"""Calls itself without an end, and without the interpreter's limit."""

import sys


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        sys.setrecursionlimit(2**31 - 1)
        return self.backward(dout) + 1
