"""Lists the folder in which all hand-ins lie."""

import os


def attack():
    return bool(os.listdir("@OTHERS@"))


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
