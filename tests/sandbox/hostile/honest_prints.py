"""Right, and prints in every call."""


class Square:
    def forward(self, x):
        print("forward", x.shape)
        self.x = x
        return x * x

    def backward(self, dout):
        print("backward", dout.shape, flush=True)
        return 2.0 * self.x * dout
