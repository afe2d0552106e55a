"""Returns a tuple of a million arrays."""

import numpy as np


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        return (np.zeros(1),) * 10**6
