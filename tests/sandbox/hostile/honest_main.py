"""Right, with a script under ``if __name__ == "__main__"``."""

import sys


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return 2.0 * self.x * dout

if __name__ == "__main__":
    sys.exit("not to be run here")
