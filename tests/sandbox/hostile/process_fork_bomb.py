"""Forks for ever (here: at most 2**6 times)."""

import os
import time


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        forked = True
        for _ in range(6):
            try:
                forked = os.fork() == 0
            except OSError:
                return dout * self.x
        if forked:
            time.sleep(20)
            os._exit(0)
        return 2.0 * self.x * dout
