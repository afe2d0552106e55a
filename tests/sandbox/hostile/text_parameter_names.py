"""Shows parameters in a dictionary under names that are forged lines."""

import numpy as np

FORGED = "W\x1b[32m\n::error::x\n  ok  Scale  right"


class Scale:
    def __init__(self):
        self.params = {FORGED: np.array([2.0]), "b" * 10**5: np.array([0.0])}
        self.grads = {}

    def forward(self, x):
        self.x = x
        return x * self.params[FORGED]

    def backward(self, dout):
        self.grads[FORGED] = np.array([(dout * self.x).sum() * 3])
        return dout
