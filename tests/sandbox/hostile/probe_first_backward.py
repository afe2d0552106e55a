"""Is wrong in the first backward of the process, found out by an attribute of its class."""


class Square:
    used = False

    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        factor, Square.used = 2.0 if Square.used else 1.0, True
        return dout * self.x * factor
