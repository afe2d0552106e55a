"""Raises an exception with a forged text while it is loaded."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        return dout


class Stop:
    raise RuntimeError("\x1b[2J\n::error::x\r  ok  Square  right")
