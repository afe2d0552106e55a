"""Raises an exception whose type has a name that forges a report."""

Forged = type("\x1b[32mpass\x1b[0m\n::error::x\nverdict", (ValueError,), {})


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        raise Forged("\x1b[0m")
