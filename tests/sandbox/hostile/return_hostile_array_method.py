"""Returns an object that gives another array each time it is asked for one."""

import numpy as np


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return Changing(dout)


class Changing:
    def __init__(self, dout):
        self.dout, self.count, self.shape, self.dtype = dout, 0, dout.shape, dout.dtype

    def __array__(self, dtype=None, copy=None):
        self.count += 1
        return np.full(self.dout.shape, float(self.count))
