"""Loads the reference from its path with importlib."""

import importlib.util


def attack():
    spec = importlib.util.spec_from_file_location("stolen", "@LAYERS@/layer.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
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
