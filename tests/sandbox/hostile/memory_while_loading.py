"""Takes all memory while it is loaded."""


class Greedy:
    kept = [bytearray(1 << 28) for _ in range(1000)]


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
