"""Has a default value in its constructor whose text is hostile, and takes for ever."""


class Evil(str):
    def __repr__(self):
        return "\x1b[2J" * 10**5

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


class Square:
    def __init__(self, mode=Evil("m\x1b[31m\n::error::x"), size=10**5000):
        self.mode = mode

    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
