"""Reads the memory of its parents through /proc."""

import os


def attack():
    parents = [os.getppid(), int("@GRADER@")]
    for parent in parents:
        try:
            with open(f"/proc/{parent}/mem", "rb", buffering=0):
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
