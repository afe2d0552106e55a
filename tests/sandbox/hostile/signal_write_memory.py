"""Writes nothing into the memory of its parent, with process_vm_writev (only tries whether)."""

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    for process in (os.getppid(), int("@GRADER@")):
        here = (ctypes.c_size_t * 2)(0, 0)
        if libc.process_vm_writev(process, here, 1, here, 1, 0) >= 0:
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
