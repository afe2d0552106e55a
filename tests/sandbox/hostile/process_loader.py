"""Runs a program through the dynamic loader, which is only a file that may be read."""

import glob
import os
import sys


def attack():
    loader = glob.glob("/lib*/ld-linux*") + glob.glob("/lib/*/ld-linux*")
    if os.posix_spawn(loader[0], [loader[0], sys.executable, "-c", "pass"], {}) > 0:
        return True
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
