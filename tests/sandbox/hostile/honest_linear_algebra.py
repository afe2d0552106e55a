"""Right, with products large enough for the threads of BLAS, and an SVD."""

import numpy as np


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b
        left, s, right = np.linalg.svd(np.outer(np.arange(200.0), np.ones(200)))
        self.rank = int((s > 1e-9).sum()) + (left @ right).shape[0]

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T
