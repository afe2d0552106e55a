"""Returns nothing but empty arrays, from forward too."""

import numpy as np


class Square:
    def forward(self, x):
        self.shape = x.shape
        return x[:0]

    def backward(self, dout):
        return np.zeros((0, *self.shape[1:]))
