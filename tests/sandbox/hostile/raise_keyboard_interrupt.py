"""Raises KeyboardInterrupt, as if the user had pressed Ctrl-C."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        raise KeyboardInterrupt
