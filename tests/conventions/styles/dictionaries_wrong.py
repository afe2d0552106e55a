"""Assignment 1, group 12."""

from collections import OrderedDict

import numpy as np


class LinearModule:
    def __init__(self, in_features, out_features, input_layer=False):
        self.params = {
            "weight": np.random.randn(out_features, in_features) * np.sqrt(2 / in_features),
            "bias": np.zeros((1, out_features)),
        }
        self.grads = {"weight": None, "bias": None}

    def forward(self, x):
        self.x = x
        return x @ self.params["weight"].T + self.params["bias"]

    def backward(self, dout):
        self.grads["weight"] = self.x.T @ dout
        self.grads["bias"] = dout.sum(axis=0, keepdims=True)
        return dout @ self.params["weight"]


class ELUModule:
    def __init__(self, alpha=1.0):
        self.alpha = alpha

    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, self.alpha * (np.exp(np.minimum(x, 0)) - 1))

    def backward(self, dout):
        return dout * np.where(self.x > 0, 1, self.alpha)


class CrossEntropyModule:
    def forward(self, x, y):
        return -np.mean(np.log(x[np.arange(len(y)), y]))

    def backward(self, x, y):
        dx = np.zeros_like(x)
        dx[np.arange(len(y)), y] = -1 / x[np.arange(len(y)), y]
        return dx


class Dense:
    """n_out units; gradients are collected until reset_gradients()"""

    def __init__(self, n_out):
        self.n_out = n_out
        self.parameters = OrderedDict()
        self.gradients = OrderedDict()

    def forward(self, X):
        if not self.parameters:
            self.parameters["W"] = np.random.randn(X.shape[1], self.n_out)
            self.parameters["b"] = np.zeros(self.n_out)
            self.reset_gradients()
        self.X = X
        return X @ self.parameters["W"] + self.parameters["b"]

    def backward(self, dLdY):
        self.gradients["W"] += self.X.T @ dLdY
        self.gradients["b"] += np.sum(dLdY)
        return dLdY @ self.parameters["W"].T

    def reset_gradients(self):
        for name, value in self.parameters.items():
            self.gradients[name] = np.zeros_like(value)


class BatchNorm1D:
    """Created lazily: gamma and beta have the size of the first batch"""

    def __init__(self, epsilon=1e-5):
        self.epsilon = epsilon
        self.parameters = {}
        self.gradients = {}

    def forward(self, X):
        if not self.parameters:
            self.parameters = {"gamma": np.ones(X.shape[1]), "beta": np.zeros(X.shape[1])}
        self.std = np.sqrt(X.var(axis=0) + self.epsilon)
        self.X_hat = (X - X.mean(axis=0)) / self.std
        return self.parameters["gamma"] * self.X_hat + self.parameters["beta"]

    def backward(self, dLdY):
        self.gradients["beta"] = dLdY.sum(axis=0)
        self.gradients["gamma"] = (dLdY * self.X_hat).sum(axis=0)
        d = dLdY - dLdY.mean(axis=0) - self.X_hat * (dLdY * self.X_hat).mean(axis=0)
        return d / self.std


class AvgPool2D:
    """Mean over windows, images are (batch, rows, columns, channels)"""

    def __init__(self, kernel_shape=(2, 2), stride=2):
        self.kernel_shape = kernel_shape
        self.stride = stride

    def forward(self, X):
        kh, kw = self.kernel_shape
        s = self.stride
        rows, cols = (X.shape[1] - kh) // s + 1, (X.shape[2] - kw) // s + 1
        out = np.empty((X.shape[0], rows, cols, X.shape[3]))
        for r in range(rows):
            for c in range(cols):
                out[:, r, c] = X[:, r * s : r * s + kh, c * s : c * s + kw].mean(axis=(1, 2))
        self.shape = X.shape
        return out

    def backward(self, dLdY):
        kh, kw = self.kernel_shape
        s = self.stride
        dX = np.zeros(self.shape)
        for r in range(dLdY.shape[1]):
            for c in range(dLdY.shape[2]):
                d = dLdY[:, r, c][:, None, None]
                dX[:, r * s : r * s + kh, c * s : c * s + kw] += d
        return dX
