"""Answers every question for an attribute with itself."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        return dout

    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self
