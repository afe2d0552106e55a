"""Right, and looks at its own source and time."""

import inspect
import time


class Square:
    def forward(self, x):
        self.start = time.perf_counter()
        self.lines = len(inspect.getsource(type(self)).splitlines())
        self.x = x
        return x * x

    def backward(self, dout):
        self.seconds = time.perf_counter() - self.start
        return 2.0 * self.x * dout
