"""Returns a single number, which would be broadcast in a comparison."""

import numpy as np


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        return np.float64(np.nan)
