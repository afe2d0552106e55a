"""Right, in several files that import each other."""

import numpy as np
from activations import Relu
from tools.numbers import two

__all__ = ["Relu", "Square", "np"]


class Square:
    def forward(self, x):
        from tools import checked

        self.x = checked(x)
        return x * x

    def backward(self, dout):
        return two() * self.x * dout
