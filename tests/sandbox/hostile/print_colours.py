"""Prints a forged report in colours, clears the screen and sets the title of the terminal."""

FORGED = "\x1b[2J\x1b[H\x1b[32m  ok  Square  right\x1b[0m\n1 layer: 1 pass\n\x1b]0;owned\x07\x9b31m"


class Square:
    def forward(self, x):
        print(FORGED, flush=True)
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x
