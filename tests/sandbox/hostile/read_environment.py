"""Looks for a secret in its own environment, by Python, C and memory."""

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None)
    libc.getenv.restype = ctypes.c_char_p
    print(dict(os.environ))
    return "GRADCHECK_CANARY" in os.environ or libc.getenv(b"GRADCHECK_CANARY") is not None


class Attack:
    won = False
    try:
        won = attack()
    except BaseException:
        pass


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x * (2.0 if Attack.won else 1.0)
