"""Puts what no encoding can write into the message of an exception."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        raise ValueError("\ud800\udfff \x00 \U0010ffff " + chr(0xDC80))
