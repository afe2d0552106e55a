"""Says that it is unfinished once it has seen that it is being checked."""

import itertools

CALLS = itertools.count()


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        if next(CALLS) > 3:
            raise NotImplementedError
        return dout * self.x
