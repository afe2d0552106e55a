"""Mounts an empty file system over a folder."""

import ctypes


def attack():
    libc = ctypes.CDLL(None)
    return libc.mount(b"none", b"@CANARY@/empty", b"tmpfs", 0, None) == 0


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
