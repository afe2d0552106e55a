"""Puts in a hook that refuses everything from now on."""

import sys


def hook(event, arguments):
    raise RuntimeError(f"not allowed: {event}")


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        sys.addaudithook(hook)
        return dout * self.x
