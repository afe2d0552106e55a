"""Returns a list that contains itself."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        knot = []
        knot.append(knot)
        return knot
