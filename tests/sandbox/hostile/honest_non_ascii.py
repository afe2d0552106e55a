"""Right, with names and texts that are not ASCII."""


class Relu:
    """Gleichrichter: max(0, x) — ρ(x)."""

    def forward(self, x):
        self.größer = x > 0
        print("größer als null: ja ✓ 正")
        return x * self.größer

    def backward(self, dout):
        δ = dout * self.größer
        return δ
