"""Adds 1e12 to forward, in which the differences drown."""


class Square:
    def forward(self, x):
        self.x = x
        return x * x + 1e12

    def backward(self, dout):
        return dout * self.x
