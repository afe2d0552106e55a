"""Right, and imports a package that is not there, for something else."""

import matplotlib_hostile.pyplot as plt
import tensorlow_hostile


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return 2.0 * self.x * dout

def plot(values):
    plt.plot(values)
    tensorlow_hostile.show()
