"""Right, as a dataclass."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Affine:
    W: np.ndarray = field(default_factory=lambda: np.array([[1.0, 2.0], [3.0, 4.0]]))
    b: np.ndarray = field(default_factory=lambda: np.zeros(2))

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T
