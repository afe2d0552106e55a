"""Adds up gradients in a global list that is never emptied."""

TOTAL = [0.0]


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        TOTAL[0] = TOTAL[0] + float((dout * self.x).sum())
        return 2.0 * self.x * dout + 1e-3 * TOTAL[0]
