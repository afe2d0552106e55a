"""Layers before a refactoring; ``after.py`` has each of them written another way."""

import numpy as np


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T


class Sigmoid:
    def forward(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y

    def backward(self, dout):
        return dout * self.y * (1 - self.y)


class Relu:
    def forward(self, x):
        self.mask = x <= 0
        return np.where(self.mask, 0, x)

    def backward(self, dout):
        return np.where(self.mask, 0, dout)


class Gelu:
    def forward(self, x):
        self.x = x
        self.t = np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))
        return 0.5 * x * (1 + self.t)

    def backward(self, dout):
        inner = np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * self.x**2)
        return dout * (0.5 * (1 + self.t) + 0.5 * self.x * (1 - self.t**2) * inner)


class Softmax:
    def forward(self, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.y = e / e.sum(axis=1, keepdims=True)
        return self.y

    def backward(self, dout):
        dot = (dout * self.y).sum(axis=1, keepdims=True)
        return self.y * (dout - dot)


class SoftmaxWithLoss:
    def forward(self, x, t):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.p, self.t = e / e.sum(axis=1, keepdims=True), t
        return -np.log(self.p[np.arange(len(x)), t] + 1e-300).mean()

    def backward(self, dout=1):
        dx = self.p.copy()
        dx[np.arange(len(dx)), self.t] -= 1
        return dx * dout / len(dx)


class MSELoss:
    def forward(self, y, t):
        self.d = y - t
        return np.mean(self.d**2)

    def backward(self, dout=1):
        return 2 * self.d * dout / self.d.size


class LayerNorm:
    def __init__(self, gamma, beta):
        self.gamma, self.beta = gamma, beta

    def forward(self, x):
        mean = x.mean(axis=1, keepdims=True)
        self.xc = x - mean
        self.std = np.sqrt((self.xc**2).mean(axis=1, keepdims=True) + 1e-5)
        self.xn = self.xc / self.std
        return self.gamma * self.xn + self.beta

    def backward(self, dout):
        self.dgamma = (dout * self.xn).sum(axis=0)
        self.dbeta = dout.sum(axis=0)
        n = dout.shape[1]
        dxn = dout * self.gamma
        dstd = -(dxn * self.xc).sum(axis=1, keepdims=True) / self.std**2
        dxc = dxn / self.std + dstd * self.xc / (n * self.std)
        return dxc - dxc.mean(axis=1, keepdims=True)


class BatchNorm:
    def __init__(self, gamma, beta):
        self.gamma, self.beta = gamma, beta

    def forward(self, x):
        mean = x.mean(axis=0)
        self.std = np.sqrt(((x - mean) ** 2).mean(axis=0) + 1e-5)
        self.xn = (x - mean) / self.std
        return self.gamma * self.xn + self.beta

    def backward(self, dout):
        self.dgamma = (dout * self.xn).sum(axis=0)
        self.dbeta = dout.sum(axis=0)
        n = len(dout)
        dxn = dout * self.gamma
        return (n * dxn - dxn.sum(axis=0) - self.xn * (dxn * self.xn).sum(axis=0)) / (n * self.std)


class RMSNorm:
    def __init__(self, gamma):
        self.gamma = gamma

    def forward(self, x):
        self.x = x
        self.r = np.sqrt((x**2).mean(axis=1, keepdims=True) + 1e-6)
        return self.gamma * x / self.r

    def backward(self, dout):
        self.dgamma = (dout * self.x / self.r).sum(axis=0)
        g = dout * self.gamma
        n = self.x.shape[1]
        return g / self.r - self.x * (g * self.x).sum(axis=1, keepdims=True) / (n * self.r**3)


class Conv2D:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        k, m = self.W.shape[2:]
        h, w = x.shape[2] - k + 1, x.shape[3] - m + 1
        y = np.zeros((len(x), len(self.W), h, w))
        for i in range(h):
            for j in range(w):
                part = x[:, :, i : i + k, j : j + m]
                y[:, :, i, j] = np.tensordot(part, self.W, ([1, 2, 3], [1, 2, 3])) + self.b
        return y

    def backward(self, dout):
        k, m = self.W.shape[2:]
        dx, self.dW = np.zeros(self.x.shape), np.zeros(self.W.shape)
        self.db = dout.sum(axis=(0, 2, 3))
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                part = self.x[:, :, i : i + k, j : j + m]
                self.dW += np.tensordot(dout[:, :, i, j], part, ([0], [0]))
                dx[:, :, i : i + k, j : j + m] += np.tensordot(dout[:, :, i, j], self.W, 1)
        return dx


class LogSumExp:
    def forward(self, x):
        top = x.max(axis=1, keepdims=True)
        s = np.exp(x - top)
        self.p = s / s.sum(axis=1, keepdims=True)
        return top[:, 0] + np.log(s.sum(axis=1))

    def backward(self, dout):
        return dout[:, None] * self.p


class SingleAffine:
    """Computes in float32, whatever comes in."""

    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x.astype(np.float32)
        self.V = self.W.astype(np.float32)
        return (self.x @ self.V + self.b.astype(np.float32)).astype(np.float64)

    def backward(self, dout):
        d = dout.astype(np.float32)
        self.dW = (self.x.T @ d).astype(np.float64)
        self.db = d.sum(axis=0).astype(np.float64)
        return (d @ self.V.T).astype(np.float64)
