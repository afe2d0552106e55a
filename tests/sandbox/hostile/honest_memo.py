"""Right, with a memo that remembers results by what they were computed from."""

import functools

import numpy as np


@functools.lru_cache(maxsize=None)
def window(count):
    return np.hanning(count + 2)[1:-1]


RESULTS = {}


class Windowed:
    def forward(self, x):
        key = (x.shape, x.tobytes())
        if key not in RESULTS:
            RESULTS[key] = np.tanh(x * window(x.shape[-1]))
        self.y = RESULTS[key].copy()
        return self.y.copy()

    def backward(self, dout):
        return dout * (1 - self.y**2) * window(self.y.shape[-1])
