"""Forges the signature of forward: names of arguments that are forged lines."""

import inspect


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x


class Names:
    parameter = inspect.Parameter("x", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameter._name = "x\x1b[31m\n::error::y"
    Square.forward.__signature__ = inspect.Signature([parameter])
