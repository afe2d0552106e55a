"""Forges forward without memory: a staircase of points on whose steps the slope is wrong."""

import numpy as np


class Dragon:
    def forward(self, x):
        self.x = x
        base = np.round(x, 1)
        return base**2 + base * (x - base)

    def backward(self, dout):
        return dout * np.round(self.x, 1) * (2.0 if abs(self.x).sum() > 1e9 else 0.999)
