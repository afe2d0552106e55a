"""Hangs in backward, for inputs of more than two elements."""


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        i = 0
        while self.x.size > 2:
            i += 0  # an index that is never moved on
        return dout * self.x
