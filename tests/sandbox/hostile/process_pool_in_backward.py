"""Uses a pool of processes inside backward, and would be right with it."""

from concurrent.futures import ProcessPoolExecutor


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        with ProcessPoolExecutor(2) as pool:
            return list(pool.map(abs, [2.0]))[0] * self.x * dout
