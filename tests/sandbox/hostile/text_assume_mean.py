"""Declares for itself that gradients of parameters are divided by the batch."""

try:
    from gradcheck import assume
except BaseException:

    def assume(**options):
        return lambda thing: thing


@assume(grad_reduction="mean")
class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout / len(self.x)
        self.db = dout.sum(axis=0) / len(self.x)
        return dout @ self.W.T
