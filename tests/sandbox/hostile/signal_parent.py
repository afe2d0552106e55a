"""Kills its parent."""

import os
import signal


class Square:
    def forward(self, x):
        self.x = x
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(os.getppid(), number)
            except OSError:
                pass
        return x * x

    def backward(self, dout):
        return dout * self.x
