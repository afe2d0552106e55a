"""Is slow in every call, each time a little below what is allowed."""

import time


class Square:
    def forward(self, x):
        time.sleep(0.3)
        self.x = x
        return x * x

    def backward(self, dout):
        time.sleep(0.3)
        return dout * self.x
