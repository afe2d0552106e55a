"""Opens the installed NumPy and gradcheck for writing (and writes nothing)."""

import sys

import numpy as np


def attack():
    for path in (np.__file__, sys.modules["gradcheck"].__file__, sys.executable):
        try:
            open(path, "r+b").close()
            return True
        except OSError:
            pass
    return False


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
