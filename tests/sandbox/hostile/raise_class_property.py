"""Raises an exception that says it is of another class."""


class Hostile(Exception):
    @property
    def __class__(self):
        return SystemExit

    @property
    def __traceback__(self):
        raise SystemExit(0)


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        raise Hostile("no")
