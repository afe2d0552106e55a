"""Right, and defines __getattr__ and __setattr__."""


class Square:
    def __setattr__(self, name, value):
        super().__setattr__(name, value)

    def __getattr__(self, name):
        raise AttributeError(f"no {name}")

    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return 2.0 * self.x * dout
