"""Brings a package gradcheck and a module layers of its own."""

import gradcheck
import layers

KNOWN = (gradcheck, layers)


class Relu:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask * 0.5
