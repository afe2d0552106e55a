"""Prints a line without an end, and to the descriptors themselves."""

import os


class Square:
    def forward(self, x):
        os.write(1, b"B" * 10**6)
        os.write(2, b"C" * 10**6)
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
