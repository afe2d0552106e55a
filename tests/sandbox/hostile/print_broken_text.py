"""Prints bytes that are no text, and lone surrogates."""

import os
import sys


class Square:
    def forward(self, x):
        os.write(1, bytes(range(256)))
        sys.stdout.write("\ud800\udfff\x00\u202e")
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
