"""Changes the names of arguments in the code object itself."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        return dout


class Names:
    function = Square.forward
    function.__code__ = function.__code__.replace(co_varnames=("self", "x\x1b[2J\n::error::"))
