"""Changes the shape of an array by ctypes: 2**60 elements, and a negative number of rows."""

import ctypes

import numpy as np


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        dx = np.zeros(max(dout.size, 1))
        ctypes.cast(dx.ctypes.shape, ctypes.POINTER(ctypes.c_longlong))[0] = -(2**40)
        pointer = ctypes.cast(id(dx), ctypes.POINTER(ctypes.c_size_t))[4]
        ctypes.cast(pointer, ctypes.POINTER(ctypes.c_longlong))[0] = 2**58
        return dx
