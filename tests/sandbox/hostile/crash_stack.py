"""Exhausts the stack of C by the text of nested lists."""

import sys


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        sys.setrecursionlimit(10**8)
        deep = []
        for _ in range(10**7):
            deep = [deep]
        return dout * len(repr(deep))
