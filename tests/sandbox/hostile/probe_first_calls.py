"""Is right in its first ten calls of backward, then wrong: counts in a global."""

import itertools

CALLS = itertools.count()


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x * (2.0 if next(CALLS) < 10 else 1.0)
