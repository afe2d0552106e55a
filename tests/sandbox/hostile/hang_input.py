"""Waits for somebody to type."""


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * float(input("factor? "))
