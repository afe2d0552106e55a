"""Goes on writing into what it returned from another thread."""

import threading


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        dx = dout * self.x
        right = 2.0 * self.x * dout

        def later():
            for _ in range(1000):
                dx[...] = right
                dx[...] = 0.25 * right

        threading.Thread(target=later, daemon=True).start()
        return dx
