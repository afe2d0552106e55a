"""Computes a number with a billion digits."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        return dout * (1 << (10**11))
