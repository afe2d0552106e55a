"""Puts colours, a cleared screen and a title into the message of an exception."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        raise ValueError("\x1b[2J\x1b[1;32mok  Square  right\x1b[0m\x1b]0;owned\x07\x9b2J\x85")
