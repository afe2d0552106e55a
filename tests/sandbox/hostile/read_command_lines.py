"""Reads the command lines of other processes: the path of the hand-in and of the grader."""

import os


def attack():
    for name in ["@GRADER@", *filter(str.isdigit, os.listdir("/proc"))]:
        if int(name) == os.getpid():
            continue
        try:
            if open(f"/proc/{name}/cmdline", "rb").read():
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
