"""Doubles a text until there is no memory."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        text = b"x" * 1024
        while True:
            text += text
