"""Ends by a signal that has nothing to do with what happened."""

import os
import signal


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        os.kill(os.getpid(), signal.SIGFPE if dout.size > 1 else signal.SIGBUS)
        return dout
