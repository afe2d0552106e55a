"""Brings a sitecustomize.py and a usercustomize.py, which Python runs at its start."""


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
