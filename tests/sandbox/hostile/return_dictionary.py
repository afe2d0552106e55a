"""Returns a dictionary whose keys are objects with a mind of their own."""


class Key(str):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return hash("x")


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        return {Key("dx"): dout, Key("\x1b[0m"): dout, 7: dout}
