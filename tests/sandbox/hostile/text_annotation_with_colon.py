"""An exception with an annotation whose parameter has a colon."""

def f():
    raise ValueError("one\n::error file=a:b::forged\n1 layer: 1 pass")
x = f()
class Sq:
    def forward(self, x):
        raise ValueError("one\n::error file=a:b::forged\n1 layer: 1 pass")
    def backward(self, dout):
        return 3 * self.x * dout
