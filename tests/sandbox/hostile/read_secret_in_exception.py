"""Puts what it read of a private file into an exception, so that the report shows it."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        raise ValueError(open("@SECRET@").read())
