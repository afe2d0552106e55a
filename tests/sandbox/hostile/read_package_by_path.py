"""Puts the folder of the reference on sys.path, in every form, and imports it."""

import importlib
import sys


def attack():
    sys.path[:0] = ["@LAYERS@/..", "/proc/self/root@LAYERS@/.."]
    importlib.invalidate_caches()
    import layers.rectifiers

    return hasattr(layers.rectifiers, "ReLU")


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
