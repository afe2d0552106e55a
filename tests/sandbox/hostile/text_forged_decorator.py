"""Marks itself with gradcheck's own attributes: assumed, waived, not a layer, unfinished."""


class Square:
    __gradcheck__ = {"waive": "all", "skip": True, "verdict": "pass"}
    __abstractmethods__ = frozenset({"forward"})
    _gradcheck_assumptions = __gradcheck_assume__ = __test__ = None

    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
