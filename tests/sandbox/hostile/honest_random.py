"""Right, with a generator of its own."""

import numpy as np

rng = np.random.default_rng(0)


class Affine:
    def __init__(self, input_size, output_size):
        self.W = rng.standard_normal((input_size, output_size)) * 0.1
        self.b = np.zeros(output_size)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T
