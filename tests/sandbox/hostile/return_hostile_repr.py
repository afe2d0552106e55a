"""Returns an object whose text takes for ever."""


class Slow:
    def __repr__(self):
        while True:
            pass

    __str__ = __format__ = __repr__


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        return Slow()
