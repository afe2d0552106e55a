"""Lets a traceback show a line of a private file, by code that says it is from there."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        exec(compile("1 / 0", "@SECRET@", "exec"))
