"""Hangs in its constructor."""


class Square:
    def __init__(self):
        while True:
            pass

    def forward(self, x):
        return x * x

    def backward(self, dout):
        return dout
