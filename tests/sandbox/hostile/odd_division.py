"""Divides by zero in one call of backward: the accident of an index."""


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x / self.x.tolist().index(-12345.0)
