"""Kills its parent while it is loaded, each time anew."""

import os
import signal


class Attack:
    try:
        os.kill(os.getppid(), signal.SIGKILL)
    except OSError:
        pass


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
