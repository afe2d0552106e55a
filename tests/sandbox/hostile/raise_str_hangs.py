"""Raises an exception whose text takes for ever."""


class Hostile(Exception):
    def __str__(self):
        while True:
            pass


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        raise Hostile
