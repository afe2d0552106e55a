"""Has a dictionary of attributes that changes when it is looked at."""


class Square:
    def forward(self, x):
        object.__setattr__(self, "kept", x)
        return x * x

    def backward(self, dout):
        return dout * self.kept

    @property
    def __dict__(self):
        raise SystemExit(0)

    def __dir__(self):
        return ["dW", "\x1b[2J", 7]
