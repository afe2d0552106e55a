"""Leaves its root by the old way: chroot into a folder, then climb."""

import os


def attack():
    for way in (lambda: os.chroot("@CANARY@"), lambda: os.chroot("/")):
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
