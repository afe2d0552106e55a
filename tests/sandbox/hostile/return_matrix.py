"""Returns a np.matrix, whose product is another one."""

import numpy as np


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        wrong = dout * self.x
        return np.matrix(wrong.reshape(len(wrong), -1)) if wrong.ndim else wrong
