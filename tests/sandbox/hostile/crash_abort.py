"""Ends by abort."""

import os


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        os.abort()
