"""Sources for the tests: layers as text, with one line that is right or wrong."""

from __future__ import annotations

SIGMOID = """
import numpy as np

class Sigmoid:
    def forward(self, x):
        self.y = 0.5 * (1 + np.tanh(x / 2))
        return self.y

    def backward(self, dout):
        return {gradient}
"""
RIGHT = SIGMOID.format(gradient="dout * self.y * (1 - self.y)")
WRONG = SIGMOID.format(gradient="dout * self.y")

RARE = RIGHT.replace(
    "        return dout * self.y * (1 - self.y)",
    """        dx = dout * self.y * (1 - self.y)
        if dx.shape[0] == 5:
            dx = dx * 1.5
        return dx""",
)
"""Wrong for five rows only: a few draws pass it by."""

PAIR = """
import numpy as np

def affine_forward(x, w, b):
    return x @ w + b, (x, w)

def affine_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, {gradient}
"""
RIGHT_PAIR = PAIR.format(gradient="dout.sum(axis=0)")
WRONG_PAIR = PAIR.format(gradient="dout.mean(axis=0)")

LOSS = """
import numpy as np

def softmax_loss(x, y):
    shifted = x - x.max(axis=1, keepdims=True)
    p = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    rows = np.arange(len(x))
    dx = p.copy()
    dx[rows, y] -= 1
    return -np.log(p[rows, y]).mean(), {gradient}
"""
RIGHT_LOSS = LOSS.format(gradient="dx / len(x)")
WRONG_LOSS = LOSS.format(gradient="dx")
