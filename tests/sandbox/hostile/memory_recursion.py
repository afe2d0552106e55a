"""Calls itself without an end."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        return self.backward(dout)
