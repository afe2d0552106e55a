"""Hangs when anybody looks at its class."""


class Meta(type):
    def __getattribute__(cls, name):
        if name in ("__doc__", "__mro__", "__init__"):
            while True:
                pass
        return super().__getattribute__(name)


class Square(metaclass=Meta):
    def forward(self, x):
        return x * x

    def backward(self, dout):
        return dout
