"""Raises an exception whose text raises another one, and so on."""


class Hostile(Exception):
    def __str__(self):
        raise Hostile

    __repr__ = __str__


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        raise Hostile
