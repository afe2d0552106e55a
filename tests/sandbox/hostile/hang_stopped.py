"""Stops itself."""

import os
import signal


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        os.kill(os.getpid(), signal.SIGSTOP)
        return dout
