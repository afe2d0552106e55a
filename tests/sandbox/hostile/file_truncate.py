"""Empties a file, by path and by descriptor."""

import os


def attack():
    try:
        os.truncate("@CANARY@/kept", 0)
        return True
    except OSError:
        os.ftruncate(os.open("@CANARY@/kept", os.O_RDWR), 0)
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
