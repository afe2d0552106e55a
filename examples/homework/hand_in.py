"""Homework 2: layers.

Every layer has a forward and a backward. forward remembers what backward needs,
backward gets dout (the gradient coming from above) and returns the gradient of the input.
Gradients of the parameters are kept in self.dW and self.db.
"""

import numpy as np

# --- nodes of the computational graph ---


class MulLayer:
    def __init__(self):
        self.x = None
        self.y = None

    def forward(self, x, y):
        self.x = x
        self.y = y
        return x * y

    def backward(self, dout):
        # the inputs change places
        dx = dout * self.y
        dy = dout * self.x
        return dx, dy


class AddLayer:
    def forward(self, x, y):
        return x + y

    def backward(self, dout):
        # addition just passes the gradient on to both sides
        dx = dout * 1
        dy = dout * 1
        return dx, dy


class Sub:
    def forward(self, x, y):
        self.out = x - y

    def backward(self, dout):
        dx = dout * 1
        dy = dout * -1
        return dx, dy


class Div:
    def __init__(self):
        self.x = None
        self.y = None

    def foward(self, x, y):
        self.x = x
        self.y = y
        return x / y

    def backward(self, dout):
        dx = dout / self.y
        dy = -dout * self.x / self.y**2
        return dx, dy


class Exp:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = np.exp(x)
        return self.out

    def backward(self, dout):
        # the derivative of exp is exp
        return dout * self.out


# --- activations ---


class Sigmoid:
    def __init__(self):
        self.out = None

    def forward(self, x):
        out = 1 / (1 + np.exp(-x))
        self.out = out
        return out

    def backward(self, dout):
        return dout * self.out * (1 - self.out)


class Relu:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        # nothing flows back where the input was cut off
        dout[self.mask] = 0
        dx = dout
        return dx


class Softmax:
    def __init__(self):
        self.y = None

    def forward(self, x):
        e = np.exp(x - np.max(x))  # minus the maximum, against overflow
        self.y = e / np.sum(e)
        return self.y

    def backward(self, dout):
        y = self.y
        return (dout - np.sum(dout * y)) * y


# --- layers with weights ---


class MatMul:
    def __init__(self, W):
        self.W = W
        self.x = None
        self.dW = None

    def forward(self, x):
        self.x = x
        return np.dot(x, self.W)

    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout)
        return dx


class Affine:
    def __init__(self, W, b):
        self.W = W
        self.b = b
        self.x = None
        self.x_shape = None
        self.dW = None
        self.db = None

    def forward(self, x):
        # images come as (N, height, width), one row per image is needed
        self.x_shape = x.shape
        self.x = x.reshape(x.shape[0], -1)
        return np.dot(self.x, self.W) + self.b

    def backward(self, dout):
        N = self.x.shape[0]
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout) / N
        self.db = np.sum(dout, axis=0)
        return dx.reshape(self.x_shape)


class Dense:
    """The same as Affine, with the @ operator, only for inputs of shape (N, D)."""

    def __int__(self, W, b):
        self.W, self.b = W, b
        self.x = None
        self.dW, self.db = None, None

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T


# --- losses ---


class SoftmaxWithLoss:
    def __init__(self):
        self.y = None
        self.t = None

    def forward(self, x, t):
        N = x.shape[0]
        e = np.exp(x - np.max(x, axis=1, keepdims=True))
        y = e / np.sum(e, axis=1, keepdims=True)
        self.y = y
        self.t = t
        if t.ndim == 1:  # labels
            return -np.sum(np.log(y[np.arange(N), t] + 1e-7)) / N
        return -np.sum(t * np.log(y + 1e-7)) / N  # one-hot

    def backward(self, dout=1):
        N = self.y.shape[0]
        dx = self.y.copy()
        if self.t.ndim == 1:
            dx[np.arange(N), self.t] -= 1
        else:
            dx -= self.t
        return dout * dx / N


class SoftmaxCrossEntropy:
    """Second version, with the logarithm of the softmax worked out on paper."""

    def __init__(self):
        self.log_y = None
        self.t = None

    def forward(self, x, t):
        if t.ndim == 1:
            t = np.eye(x.shape[1])[t]  # labels to one-hot
        shifted = x - np.max(x, axis=1, keepdims=True)
        self.log_y = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
        self.t = t
        return -np.sum(t * self.log_y)

    def backward(self, dout=1):
        N = self.t.shape[0]
        return dout * (np.exp(self.log_y) - self.t) / N


if __name__ == "__main__":
    # the shopping example: two apples at 100 each, 10 % tax
    apples = MulLayer()
    tax = MulLayer()
    price = tax.forward(apples.forward(100, 2), 1.1)
    dapples, dtax = tax.backward(1)
    dapple, dnumber = apples.backward(dapples)
    print("price:", price)
    print("gradients: apple", dapple, "number", dnumber, "tax", dtax)
