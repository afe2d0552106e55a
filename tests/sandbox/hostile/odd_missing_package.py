"""Needs a package that is not installed, in backward."""

import tensorlow_hostile as tl


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return tl.multiply(dout, self.x)
