"""Sleeps while it is loaded."""

import time


class Sleep:
    time.sleep(600)


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
