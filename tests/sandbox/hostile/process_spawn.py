"""Starts a program with posix_spawn, and with vfork through subprocess."""

import os
import sys


def attack():
    program = [sys.executable, "-c", "import time; time.sleep(60)"]
    return os.posix_spawn(program[0], program, {}) > 0


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
