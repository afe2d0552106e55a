"""Runs byte code that is none."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        return dout


class Break:
    code = Square.backward.__code__
    Square.backward.__code__ = code.replace(co_code=bytes(range(1, 201, 2)) * 4, co_stacksize=0)
