"""Turns all warnings into errors, for all code in its process."""

import warnings


class Square:
    def forward(self, x):
        warnings.simplefilter("error")
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
