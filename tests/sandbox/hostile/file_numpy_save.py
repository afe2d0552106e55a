"""Saves arrays with NumPy, as a student who keeps checkpoints."""

import numpy as np


class Square:
    def forward(self, x):
        self.x = x
        np.save("gradcheck_hostile_checkpoint.npy", x)
        return x * x

    def backward(self, dout):
        np.savetxt("@CWD@/gradcheck_hostile_checkpoint.txt", np.atleast_1d(dout.ravel()))
        return dout * self.x
