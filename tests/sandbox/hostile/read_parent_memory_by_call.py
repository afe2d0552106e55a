"""Reads the memory of the grader with process_vm_readv."""

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    here = ctypes.create_string_buffer(8)
    entry = (ctypes.c_size_t * 2)(ctypes.addressof(here), 8)
    for process in (os.getppid(), int("@GRADER@")):
        libc.process_vm_readv(process, entry, 1, entry, 1, 0)
        if ctypes.get_errno() not in (1, 38):  # EPERM, ENOSYS: EFAULT would say that it was tried
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
