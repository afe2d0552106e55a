"""Becomes another user or gains capabilities."""

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None)
    head, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(*[0xFFFFFFFF] * 6)
    if libc.capset(head, data) == 0:
        return True
    for way in (lambda: os.setgroups([0]), lambda: os.setresuid(1, 2, 3)):
        try:
            way()
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
