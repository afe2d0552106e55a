"""Right, and lets a pool of threads do the work."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        with ThreadPoolExecutor(2) as pool:
            halves = list(pool.map(lambda a: 2.0 * a[0] * a[1], zip(self.x, dout)))
        return np.array(halves).reshape(dout.shape)
