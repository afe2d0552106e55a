"""Hangs when garbage is collected."""

import gc


def hang(phase, information):
    while True:
        pass


class Square:
    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        gc.callbacks.append(hang)
        gc.collect()
        return dout * self.x
