"""Names as people write them, and one layer that no name helps to understand."""

import numpy as np


class ReLu:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout * (self.x > 0)


class RELU(ReLu):
    def backward(self, dout):
        return dout * (self.x >= 0) * 1.01


class relu_layer:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class MyLinear:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T


class FC:
    def __init__(self, weight, bias):
        self.weight, self.bias = weight, bias

    def forward(self, x):
        self.x = x
        return x @ self.weight + self.bias

    def backward(self, dout):
        self.dweight = self.x.T @ dout
        self.dbias = dout.sum(axis=0)
        return dout @ self.weight.T


class fully_connected_layer:
    """The bias is not summed: wrong."""

    def __init__(self, w, b):
        self.w, self.b = w, b

    def forward(self, x):
        self.x = x
        return x @ self.w + self.b

    def backward(self, dout):
        self.dw = self.x.T @ dout
        self.db = dout
        return dout @ self.w.T


class DenseLayer:
    def __init__(self, n_inputs, n_outputs):
        self.W = np.random.randn(n_inputs, n_outputs)
        self.b = np.zeros(n_outputs)

    def forward(self, X):
        self.X = X
        return X @ self.W + self.b

    def backward(self, dY):
        self.dW = self.X.T @ dY
        self.db = dY.sum(axis=0)
        return dY @ self.W.T


class SigmoidActivation:
    def forward(self, z):
        self.a = 1 / (1 + np.exp(-z))
        return self.a

    def backward(self, da):
        return da * self.a * (1 - self.a)


class Soft_Max_With_Loss:
    """Gradient of the sum although the loss is the mean: wrong."""

    def forward(self, x, t):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.y = e / e.sum(axis=1, keepdims=True)
        self.t = t if t.ndim == 2 else np.eye(x.shape[1])[t]
        return -np.mean(np.sum(self.t * np.log(self.y), axis=1))

    def backward(self, dout=1):
        return dout * (self.y - self.t)


class Wobble:
    """x * sin(x), which is no layer of any course."""

    def forward(self, x):
        self.x = x
        return x * np.sin(x)

    def backward(self, dout):
        return dout * (np.sin(self.x) + self.x * np.cos(self.x))


class Wiggle:
    """The product rule forgotten: wrong."""

    def forward(self, x):
        self.x = x
        return x * np.sin(x)

    def backward(self, dout):
        return dout * np.cos(self.x)


def fully_connected_forward(x, W, b):
    return x @ W + b, (x, W)


def fully_connected_backward(dout, cache):
    x, W = cache
    return dout @ W.T, x.T @ dout, dout.sum(axis=0)


def forward_relu(x):
    return np.maximum(x, 0), x


def backward_relu(dout, cache):
    return dout * (cache > 0)


def sigmoid_fwd(x):
    s = 1 / (1 + np.exp(-x))
    return s, s


def sigmoid_bwd(dout, s):
    return dout * s * (1 - s)


def leakyReluForward(x):
    return np.where(x > 0, x, 0.01 * x), x


def leakyReluBackward(dout, cache):
    return np.where(cache > 0, dout, 0)
