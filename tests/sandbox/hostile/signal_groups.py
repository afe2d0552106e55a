"""Sends signals to the process groups of its parent and of the grader."""

import os
import signal


def attack():
    done = False
    for group in (int("@GROUP@"), os.getpgid(os.getppid())):
        try:
            os.killpg(group, signal.SIGURG)
            done = True
        except OSError:
            pass
    return done


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
