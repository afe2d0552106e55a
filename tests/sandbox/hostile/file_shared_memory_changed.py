"""Writes into the shared memory of another process."""

import mmap
import os


def attack():
    number = os.open("/dev/shm/@SHM@", os.O_RDWR)
    mmap.mmap(number, 8)[:4] = b"evil"
    return True


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
