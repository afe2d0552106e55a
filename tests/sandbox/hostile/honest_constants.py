"""Right, with constants of the class and of the module."""

import numpy as np

HALF = 0.5
ROOT = np.sqrt(2.0 / np.pi)


class Scaled:
    FACTOR = 3.0 * HALF
    TABLE = {"a": ROOT}

    def forward(self, x):
        self.x = x
        return self.FACTOR * x * x

    def backward(self, dout):
        return 2.0 * self.FACTOR * self.x * dout
