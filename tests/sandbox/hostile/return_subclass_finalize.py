"""Returns a subclass that changes its numbers whenever a view of it is made."""

import numpy as np


class Shifting(np.ndarray):
    def __array_finalize__(self, other):
        if other is not None and self.flags.writeable:
            self.flat[:] = 2.0 * self.flat[:]


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return (dout * self.x * 0.25).view(Shifting)
