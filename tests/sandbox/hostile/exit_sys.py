"""Ends with success by sys.exit(0) in backward."""

import sys


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        sys.exit(0)
