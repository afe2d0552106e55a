"""Brings a conftest.py and a plugin for pytest."""


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
