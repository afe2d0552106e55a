"""Right, and computes in single precision, for inputs of single precision too."""

import numpy as np


class Scale:
    def __init__(self, w):
        self.w = np.asarray(w)

    def forward(self, x):
        self.x = x
        return x * self.w.astype(x.dtype)

    def backward(self, dout):
        self.dw = (dout * self.x).sum(axis=0)
        return dout * self.w.astype(dout.dtype)
