"""Right, with a script at the top level that would plot, save and train."""

import numpy as np


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return 2.0 * self.x * dout

data = np.loadtxt("data_that_is_not_there.csv")
layer = Square()
for step in range(10**9):
    layer.forward(data)
    print(step)
import matplotlib.pyplot as plt  # noqa: E402

plt.plot(data)
plt.savefig("plot.png")
