"""Hangs in a handler of the exit."""

import atexit
import sys
import time


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        atexit.register(time.sleep, 600)
        sys.exit(0)
