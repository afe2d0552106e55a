"""Fails deep in NumPy by a student's mistake; the traceback shows only the student's lines."""

import numpy as np


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return self.helper(dout)

    def helper(self, dout):
        return np.concatenate([dout, np.ones((1, 2, 3, 4, 5))])
