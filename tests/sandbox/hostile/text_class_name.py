"""Is a class whose name is no identifier but a forged line of the report."""


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x


class Names:
    Square.__name__ = "ok\x1b[32m\n::error::x\n1 layer: 1 pass"
    Square.__qualname__ = "Square\r  ok  Square  right"
    Square.__module__ = "\x1b[2J"
