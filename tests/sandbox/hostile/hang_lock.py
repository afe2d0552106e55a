"""Waits for a lock that it holds itself."""

import threading

LOCK = threading.Lock()


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        with LOCK, LOCK:
            return dout
