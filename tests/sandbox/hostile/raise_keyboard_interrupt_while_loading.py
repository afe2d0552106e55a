"""Raises KeyboardInterrupt while it is loaded."""


class Interrupt:
    raise KeyboardInterrupt


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
