"""Kills the group that it is in, with all its members."""

import os
import signal


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        os.kill(0, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
        return dout
