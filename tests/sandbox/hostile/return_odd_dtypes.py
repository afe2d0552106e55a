"""Returns one odd type of number after the other."""

import itertools

import numpy as np

TYPES = itertools.cycle(["f2", "g", ">f8", "?", "M8[s]", "u1", "S8", "V8", "O", "c16", "i8", "U2"])


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return np.zeros(dout.shape, dtype=next(TYPES))
