"""Is wrong in one call of eight, by chance."""

import random


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x * (1.0 if random.random() < 0.125 else 2.0)
