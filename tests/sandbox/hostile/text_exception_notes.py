"""Adds notes, causes in a circle and a group of exceptions to an exception."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        error = ValueError("first")
        for number in range(10_000):
            error.add_note(f"\x1b[31mnote {number}\n::error::x")
        other = KeyError(error)
        error.__cause__, other.__context__ = other, error
        raise ExceptionGroup("many\x1b[2J", [error, other] * 1000)
