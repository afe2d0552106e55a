"""Changes the length of an array by ctypes, so that reading it crashes."""

import ctypes

import numpy as np


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        dx = np.zeros(dout.shape)
        fields = ctypes.cast(id(dx), ctypes.POINTER(ctypes.c_size_t))
        fields[2] = 8  # where the data are
        return dx
