"""Closes and replaces standard output and error."""

import os
import sys


class Square:
    def forward(self, x):
        sys.stdout = sys.stderr = sys.__stdout__ = None
        os.close(1)
        os.close(2)
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
