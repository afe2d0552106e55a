"""Right, and looks after its own garbage."""

import gc
import sys


class Square:
    def forward(self, x):
        gc.collect(0)
        sys.setrecursionlimit(5000)
        self.x = x
        return x * x

    def backward(self, dout):
        gc.disable()
        try:
            return 2.0 * self.x * dout
        finally:
            gc.enable()

    def __del__(self):
        self.x = None
