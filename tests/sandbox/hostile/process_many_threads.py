"""Starts as many threads as it can get."""

import threading
import time


class Square:
    def forward(self, x):
        self.x = x
        try:
            for _ in range(100_000):
                threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        except (RuntimeError, MemoryError):
            pass
        return x * x

    def backward(self, dout):
        return dout * self.x
