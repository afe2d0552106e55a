"""Returns infinities: their differences are NaN."""

import numpy as np


class Square:
    def forward(self, x):
        return np.where(x > 0, np.inf, -np.inf)

    def backward(self, dout):
        return np.full(dout.shape, np.inf)
