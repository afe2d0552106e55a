"""Hangs in its destructor."""


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x

    def __del__(self):
        while True:
            pass
