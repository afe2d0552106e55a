"""Returns an object whose array interface points to address 8: a crash on reading."""


class Wild:
    def __init__(self, shape):
        self.__array_interface__ = {
            "shape": shape,
            "typestr": "<f8",
            "data": (8, False),
            "version": 3,
        }


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        return Wild(dout.shape)
