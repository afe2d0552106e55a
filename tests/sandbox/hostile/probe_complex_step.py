"""Differentiates by a complex step inside backward: right numbers, which are allowed."""


class Cubic:
    def forward(self, x):
        self.x = x
        return x**3 + 2.0 * x

    def backward(self, dout):
        z = self.x + 1e-30j
        return dout * (z**3 + 2.0 * z).imag / 1e-30
