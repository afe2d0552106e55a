"""Replaces open, print, input and __import__ by functions that swallow everything."""

import builtins


class Patch:
    builtins.open = builtins.print = builtins.input = lambda *args, **kwargs: None
    builtins.__import__ = lambda *args, **kwargs: None


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
