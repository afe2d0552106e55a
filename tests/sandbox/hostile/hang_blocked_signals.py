"""Blocks all signals, ignores the limit of processor time, and works without an end."""

import signal


class Square:
    def forward(self, x):
        signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())
        signal.signal(signal.SIGXCPU, signal.SIG_IGN)
        return x * x

    def backward(self, dout):
        while True:
            pass
