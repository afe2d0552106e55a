"""Has a line in its file that is shown in tracebacks and clears the screen."""


class Square:
    def forward(self, x):
        return x * x

    def backward(self, dout):
        raise ValueError("seen")  # [2J[2J[32m ok  right ‮
