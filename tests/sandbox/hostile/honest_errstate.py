"""Right, and sets how NumPy treats errors, inside a block."""

import numpy as np


class Sigmoid:
    def forward(self, x):
        with np.errstate(over="ignore", under="ignore"):
            e = np.exp(-np.abs(x))
            self.y = np.where(x >= 0, 1.0 / (1.0 + e), e / (1.0 + e))
        return self.y.copy()

    def backward(self, dout):
        return dout * self.y * (1.0 - self.y)
