"""Differentiates numerically inside backward: right numbers, which are allowed."""

import numpy as np


class Cubic:
    def value(self, x):
        return x**3 + 2.0 * x

    def forward(self, x):
        self.x = x
        return self.value(x)

    def backward(self, dout):
        h = 1e-5 * np.maximum(1.0, np.abs(self.x))
        h = (self.x + h) - self.x
        return dout * (self.value(self.x + h) - self.value(self.x - h)) / (2.0 * h)
