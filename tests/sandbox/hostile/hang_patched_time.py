"""Hangs, with clocks that stand still."""

import time


class Square:
    def forward(self, x):
        time.time = time.monotonic = time.perf_counter = lambda: 0.0
        return x * x

    def backward(self, dout):
        while time.monotonic() < 1.0:
            pass
