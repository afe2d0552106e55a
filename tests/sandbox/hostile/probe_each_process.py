"""Is another function in every process, so that a fresh one cannot bear witness against it."""

import os

SCALE = []


class Dragon:
    def forward(self, x):
        if not SCALE:
            SCALE.append(1.0 + os.urandom(1)[0])
        self.x = x
        return SCALE[0] * x**3

    def backward(self, dout):
        return dout * SCALE[0] * 3 * self.x**2
