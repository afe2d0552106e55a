"""Returns an output of 10**15 elements that takes no memory until it is copied."""

import numpy as np


class Square:
    def forward(self, x):
        self.x = x
        return np.broadcast_to(x.sum(), (10**5, 10**5, 10**5))

    def backward(self, dout):
        return np.zeros(self.x.shape)
