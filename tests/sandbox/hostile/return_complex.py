"""Returns complex numbers whose real part is wrong and whose imaginary part is large."""


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x * (1 + 1j)
