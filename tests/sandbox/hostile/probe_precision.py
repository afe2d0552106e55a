"""Is right but for a relative error of 1e-5, too small for loose comparisons."""


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x * 2.00002
