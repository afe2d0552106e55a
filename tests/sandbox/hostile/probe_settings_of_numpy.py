"""Changes NumPy's settings for all: errors, printing, buffer size, promotion."""

import numpy as np


class Square:
    def forward(self, x):
        np.seterr(all="ignore")
        np.setbufsize(1 << 12)
        np.set_printoptions(formatter={"all": lambda value: "\x1b[31m0.0"}, threshold=10**9)
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
