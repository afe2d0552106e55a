"""Warns in colours, a hundred thousand times, each time with another text."""

import warnings

Forged = type("\x1b[31mWarning\n::error::x", (UserWarning,), {})


class Square:
    def forward(self, x):
        for number in range(1000):
            warnings.warn(f"\x1b[2J{number}\n::error::x", Forged, stacklevel=2)
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
