"""Sends itself SIGINT, which must not look as if the user had pressed Ctrl-C."""

import os
import signal


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        os.kill(os.getpid(), signal.SIGINT)
        return dout
