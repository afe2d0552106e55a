"""Looks for descriptors that were left open: files, folders, sockets other than the channel."""

import os
import stat


def attack():
    found = 0
    for number in range(4, 1024):
        try:
            kind = os.fstat(number).st_mode
        except OSError:
            continue
        found += stat.S_ISREG(kind) or stat.S_ISDIR(kind) or stat.S_ISSOCK(kind)
    return found > 0


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
