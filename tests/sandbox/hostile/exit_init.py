"""Ends with success in its constructor, by quit()."""


class Square:
    def __init__(self):
        quit(0)

    def forward(self, x):
        return x * x

    def backward(self, dout):
        return dout
