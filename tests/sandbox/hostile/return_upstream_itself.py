"""Returns the upstream gradient itself, and writes wrong numbers into it first."""


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        dout *= self.x
        return dout
