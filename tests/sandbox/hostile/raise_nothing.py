"""Raises an exception without a message."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        raise ValueError
