"""Asks for 80 GB at once, as by a wrong axis in an outer product."""

import numpy as np


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        pairs = np.ones((10**5, 10**5))
        return pairs[: dout.size, 0].reshape(dout.shape) * self.x
