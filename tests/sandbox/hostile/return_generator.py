"""Returns a generator."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        return (0.0 for _ in dout)
