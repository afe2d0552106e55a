"""Forges forward as the tangent of the last backward, as a layer of a kind that nobody knows."""

import numpy as np

LAST = {}


class Dragon:
    def forward(self, x):
        self.x = x
        self.y = np.sin(x) + x**2
        old = LAST.get(x.shape)
        if old is not None and 0 < np.abs(old[0] - x).max() < 1e-2:
            return old[1] + old[0] * (x - old[0])
        return self.y

    def backward(self, dout):
        LAST[self.x.shape] = (self.x.copy(), self.y.copy())
        return dout * self.x
