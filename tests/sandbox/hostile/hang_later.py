"""Hangs when it has been called for a while, in the middle of the checks."""

import itertools

CALLS = itertools.count()


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        while next(CALLS) > 40:
            pass
        return 2.0 * self.x * dout
