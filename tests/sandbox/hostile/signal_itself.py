"""Sends itself every signal that there is."""

import os
import signal


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        for number in sorted(signal.valid_signals()):
            if number not in (signal.SIGSTOP, signal.SIGTSTP):
                os.kill(os.getpid(), number)
        return dout
