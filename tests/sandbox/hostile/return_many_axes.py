"""Returns an array of 32 axes."""

import numpy as np


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        return np.ones((1,) * 32)
