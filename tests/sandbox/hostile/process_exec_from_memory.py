"""Writes a program into memory (memfd) and becomes it."""

import os
import sys


def attack():
    number = os.memfd_create("gradcheck_hostile")
    os.write(number, open(sys.executable, "rb").read())
    if os.fork() == 0:
        os.execve(number, ["python", "-c", "pass"], {})
    return True


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
