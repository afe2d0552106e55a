"""Ignores all signals that can be ignored, and hangs."""

import signal
import time


class Square:
    def forward(self, x):
        for number in signal.valid_signals():
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        return x * x

    def backward(self, dout):
        while True:
            time.sleep(1)
