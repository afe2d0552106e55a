"""Opens a file only for reading, with the flag that empties it."""

import os


def attack():
    os.open("@CANARY@/kept", os.O_RDONLY | os.O_TRUNC)
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
