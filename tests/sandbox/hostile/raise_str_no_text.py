"""Raises an exception whose text is no text, and whose arguments are none."""


class Hostile(Exception):
    args = property(lambda self: 1 / 0)

    def __str__(self):
        return 7


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        raise Hostile
