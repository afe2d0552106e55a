"""Returns one buffer for everything, and goes on writing into it."""

import numpy as np

BUFFER = np.zeros(10**6)


class Square:
    def forward(self, x):
        self.x = x
        BUFFER[: x.size] = (x * x).ravel()
        return BUFFER[: x.size].reshape(x.shape)

    def backward(self, dout):
        BUFFER[: dout.size] = (dout * self.x).ravel()
        return BUFFER[: dout.size].reshape(dout.shape)
