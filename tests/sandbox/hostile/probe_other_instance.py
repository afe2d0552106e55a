"""Keeps its forward in a global: backward answers for the instance that was asked last."""

LAST = {}


class Relu:
    def forward(self, x):
        LAST["x"] = x
        return x * (x > 0)

    def backward(self, dout):
        x = LAST["x"]
        LAST["x"] = -x
        return dout * (x > 0)
