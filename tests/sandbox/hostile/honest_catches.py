"""Right, and catches exceptions of its own."""


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        try:
            raise KeyError("a detour")
        except Exception:
            return 2.0 * self.x * dout
