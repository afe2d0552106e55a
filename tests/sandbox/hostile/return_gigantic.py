"""Returns an array of 10**12 elements that takes no memory until it is copied."""

import numpy as np


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        return np.broadcast_to(np.float64(0.0), (10**12,))
