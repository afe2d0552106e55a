"""Replaces its own class's methods by right ones after the first call."""


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        Square.backward = lambda self, dout: 2.0 * self.x * dout
        return dout * self.x
