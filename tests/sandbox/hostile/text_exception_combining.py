"""Stacks a thousand signs on one letter, and mixes wide ones in."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        raise ValueError("a" + "\u0301" * 1000 + "\uff37" * 500 + "\U0001f600" * 500)
