"""Keeps gradients in attributes whose names are forged lines."""


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        for name in ("dW\x1b[2J", "dx\n::error::x", "grads\r", "\ud800", "d" + "w" * 10**6):
            setattr(self, name, dout)
        self.grads = {"\x1b[31mW": dout, "x\n::error::": dout, "\u202e": dout}
        return dout * self.x
