"""Turns the reading direction: what stands in the file is not what is read."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        raise ValueError("\u202egnorw\u202c \u2066right\u2069 \u200b\u200d\ufeff\u2028\u2029")
