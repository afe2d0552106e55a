"""Raises the limit of core dumps and crashes, to leave a large file."""

import os
import resource
import signal


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        try:
            resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))
        except (OSError, ValueError):
            pass
        os.kill(os.getpid(), signal.SIGSEGV)
        return dout
