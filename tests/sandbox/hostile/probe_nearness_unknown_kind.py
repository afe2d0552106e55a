"""Forges forward near to earlier points, as a layer of a kind that nobody knows."""

import numpy as np

SEEN = []


def value(x):
    return x**3 + 0.3 * np.sin(x)


def wrong(x):
    return 2 * x**2


class Dragon:
    def forward(self, x):
        self.x = x
        for base in SEEN:
            if base.shape == x.shape and 0 < np.abs(base - x).max() < 0.1:
                return value(base) + wrong(base) * (x - base)
        SEEN.append(x.copy())
        return value(x)

    def backward(self, dout):
        return dout * wrong(self.x)
