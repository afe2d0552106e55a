"""Crashes in the ways that faulthandler offers."""

import faulthandler


class Square:
    def forward(self, x):
        faulthandler.enable()
        return x * x

    def backward(self, dout):
        faulthandler._sigabrt()
