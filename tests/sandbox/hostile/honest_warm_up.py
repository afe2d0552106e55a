"""Right, with a table that the first call makes and a flag that says so."""

import numpy as np

_READY = False
_TABLE = None


def prepare():
    global _READY, _TABLE
    if not _READY:
        _TABLE = np.array([[1.0, 0.5], [0.0, 2.0]])
        _READY = True


class Weighted:
    def forward(self, x):
        prepare()
        self.x = x
        return _TABLE[0, 1] * x**2 + _TABLE[1, 1] * x

    def backward(self, dout):
        return dout * (2 * _TABLE[0, 1] * self.x + _TABLE[1, 1])
