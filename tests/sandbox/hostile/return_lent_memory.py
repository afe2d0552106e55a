"""Keeps the arrays that it was lent, and writes into all of them in the next call."""

KEPT = []


class Square:
    def forward(self, x):
        for one in KEPT:
            if one.flags.writeable:
                one[...] = 0.0
        self.x = x
        KEPT.append(x)
        return x * x

    def backward(self, dout):
        KEPT.append(dout)
        return dout * self.x
