"""Raises GeneratorExit and StopIteration, which loops take as their end."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        raise GeneratorExit if dout.size % 2 else StopIteration
