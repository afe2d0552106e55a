"""Makes its class with type(), under a name of its own choice."""


def forward(self, x):
    self.x = x
    return x * x


def backward(self, dout):
    return dout * self.x


Square = type("\x1b[2J::error::x", (), {"forward": forward, "backward": backward})


class Other:
    forward, backward = forward, backward


class Names:
    Other.__name__ = "A" * 10**6
