"""Returns a view that reaches far out of its memory."""

import numpy as np
from numpy.lib.stride_tricks import as_strided


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        strides = tuple(1 << 20 for _ in dout.shape)
        return as_strided(np.zeros(1), shape=dout.shape, strides=strides)
