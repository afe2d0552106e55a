"""Reads at address zero."""

import ctypes


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        ctypes.string_at(0)
        return dout
