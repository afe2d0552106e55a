"""Raises SystemExit while it is loaded."""

import sys


class Leave:
    sys.exit(0)


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
