"""Calls itself a loss and returns a constant whose gradient nobody asks for."""


class MSELoss:
    def forward(self, x, t):
        self.x, self.t = x, t
        return 0.0

    def backward(self, dout=1.0):
        return self.x * 0.0
