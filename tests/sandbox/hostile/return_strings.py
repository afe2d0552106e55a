"""Returns an array of texts that look like numbers."""

import numpy as np


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return np.array(["nan", "1e400", "0x10"] * dout.size)[: dout.size].reshape(dout.shape)
