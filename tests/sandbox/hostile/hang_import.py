"""Hangs while it is loaded."""


class Loop:
    while True:
        pass


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
