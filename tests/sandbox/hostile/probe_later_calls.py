"""Is wrong in its first five calls of backward, then right."""

import itertools

CALLS = itertools.count()


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x * (1.0 if next(CALLS) < 5 else 2.0)
