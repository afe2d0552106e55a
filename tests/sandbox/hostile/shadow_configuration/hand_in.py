"""Brings a gradcheck.toml and a pyproject.toml that ignore all checks."""


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
