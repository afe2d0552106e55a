"""Is wrong in every second half of a tenth of a second."""

import time


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return dout * self.x * (2.0 if time.time() % 0.1 < 0.05 else 1.0)
