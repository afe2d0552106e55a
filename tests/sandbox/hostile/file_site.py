"""Plants a .pth file into site-packages, which every later Python would run."""

import os

import numpy as np


def attack():
    site = os.path.dirname(os.path.dirname(np.__file__))
    with open(f"{site}/gradcheck_hostile.pth", "w") as file:
        file.write("# nothing\n")
    os.unlink(f"{site}/gradcheck_hostile.pth")
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
