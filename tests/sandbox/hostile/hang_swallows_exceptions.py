"""Swallows every exception and goes on."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                continue
