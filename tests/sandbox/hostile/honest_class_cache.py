"""Right, with indices in a cache of the class that all its instances share."""

import numpy as np


class Shift:
    indices = {}

    def forward(self, x):
        count = x.shape[-1]
        if count not in Shift.indices:
            Shift.indices[count] = np.roll(np.arange(count), 1)
        self.x, self.taken = x, Shift.indices[count]
        return x[..., self.taken] ** 2

    def backward(self, dout):
        dx = np.empty_like(dout)
        dx[..., self.taken] = dout
        return 2 * self.x * dx
