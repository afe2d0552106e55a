"""Hangs when anybody asks for an attribute that it has not."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        return dout

    def __getattr__(self, name):
        while True:
            pass
