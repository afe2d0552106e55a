"""Right, with NumPy's global random numbers for its weights."""

import numpy as np

np.random.seed(0)


class Affine:
    def __init__(self, inputs=3, outputs=2):
        self.W = np.random.randn(inputs, outputs)
        self.b = np.random.rand(outputs)

    def forward(self, x):
        self.x = x
        return np.dot(x, self.W) + self.b

    def backward(self, dout):
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return np.dot(dout, self.W.T)
