"""Returns 400 MB of real numbers where a few are expected."""

import numpy as np


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        return np.ones((5 * 10**7,))
