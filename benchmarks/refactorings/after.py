"""The layers of ``before.py``, of the same value: sums in another order, other formulas."""

import numpy as np


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return self.b + sum(np.outer(x[:, k], self.W[k]) for k in range(x.shape[1]))

    def backward(self, dout):
        self.dW = np.einsum("nd,nm->dm", self.x[::-1], dout[::-1])
        self.db = np.ones(len(dout)) @ dout
        return np.einsum("nm,dm->nd", dout, self.W)


class Sigmoid:
    def forward(self, x):
        self.y = 0.5 * (1 + np.tanh(0.5 * x))
        return self.y

    def backward(self, dout):
        return dout * (self.y - self.y**2)


class Relu:
    def forward(self, x):
        self.keep = (x > 0).astype(x.dtype)
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout * self.keep


class Gelu:
    def forward(self, x):
        self.x = x
        self.t = np.tanh(0.7978845608028654 * x * (1 + 0.044715 * x * x))
        return x * (0.5 + 0.5 * self.t)

    def backward(self, dout):
        inner = 0.7978845608028654 + 0.7978845608028654 * 0.134145 * self.x * self.x
        return 0.5 * dout * (1 + self.t + self.x * (1 - self.t) * (1 + self.t) * inner)


class Softmax:
    def forward(self, x):
        top = x.max(axis=1, keepdims=True)
        self.y = np.exp(x - top - np.log(np.exp(x - top).sum(axis=1, keepdims=True)))
        return self.y

    def backward(self, dout):
        rows = [(np.diag(p) - np.outer(p, p)) @ d for p, d in zip(self.y, dout, strict=True)]
        return np.array(rows)


class SoftmaxWithLoss:
    def forward(self, x, t):
        self.t = np.eye(x.shape[1])[t]
        top = x.max(axis=1, keepdims=True)
        e = np.exp(x - top)
        self.p = np.multiply(e, 1 / np.einsum("nc->n", e)[:, None])
        return -(np.log((self.p * self.t).sum(axis=1) + 1e-300)).sum() / len(x)

    def backward(self, dout=1):
        return (self.p - self.t) * (dout / len(self.p))


class MSELoss:
    def forward(self, y, t):
        self.d = y - t
        return np.vdot(self.d, self.d) / self.d.size

    def backward(self, dout=1):
        return self.d * (2 / self.d.size) * dout


class LayerNorm:
    def __init__(self, gamma, beta):
        self.gamma, self.beta = gamma, beta

    def forward(self, x):
        n = x.shape[1]
        mean = np.add.accumulate(x, axis=1)[:, -1:] / n
        xc = x - mean
        self.inv = 1 / np.sqrt(np.einsum("nd,nd->n", xc, xc)[:, None] / n + 1e-5)
        self.xn = xc * self.inv
        return self.beta + self.xn * self.gamma

    def backward(self, dout):
        self.dgamma = np.einsum("nd,nd->d", dout, self.xn)
        self.dbeta = np.einsum("nd->d", dout)
        g = dout * self.gamma
        inner = g - g.mean(axis=1, keepdims=True) - self.xn * (g * self.xn).mean(1, keepdims=True)
        return inner * self.inv


class BatchNorm:
    """One pass over the data: E[x^2] - E[x]^2, which cancels where the mean is large."""

    def __init__(self, gamma, beta):
        self.gamma, self.beta = gamma, beta

    def forward(self, x):
        mean = x.mean(axis=0)
        var = np.maximum((x * x).mean(axis=0) - mean**2, 0)
        self.inv = 1 / np.sqrt(var + 1e-5)
        self.xn = (x - mean) * self.inv
        return self.gamma * self.xn + self.beta

    def backward(self, dout):
        self.dgamma = (dout * self.xn).sum(axis=0)
        self.dbeta = dout.sum(axis=0)
        n = len(dout)
        return self.gamma * self.inv * (dout - self.dbeta / n - self.xn * self.dgamma / n)


class RMSNorm:
    def __init__(self, gamma):
        self.gamma = gamma

    def forward(self, x):
        self.inv = 1 / np.sqrt(np.einsum("nd,nd->n", x, x)[:, None] / x.shape[1] + 1e-6)
        self.xn = x * self.inv
        return self.xn * self.gamma

    def backward(self, dout):
        self.dgamma = np.einsum("nd,nd->d", dout, self.xn)
        g = dout * self.gamma
        return self.inv * (g - self.xn * (g * self.xn).mean(axis=1, keepdims=True))


class Conv2D:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        y = 0
        h, w = (x.shape[2 + a] - self.W.shape[2 + a] + 1 for a in (0, 1))
        for i in range(self.W.shape[2]):
            for j in range(self.W.shape[3]):
                part = x[:, :, i : i + h, j : j + w]
                y = y + np.einsum("nchw,fc->nfhw", part, self.W[:, :, i, j])
        return y + self.b[:, None, None]

    def backward(self, dout):
        h, w = dout.shape[2:]
        dx, self.dW = np.zeros(self.x.shape), np.zeros(self.W.shape)
        self.db = np.einsum("nfhw->f", dout)
        for i in range(self.W.shape[2]):
            for j in range(self.W.shape[3]):
                part = self.x[:, :, i : i + h, j : j + w]
                self.dW[:, :, i, j] = np.einsum("nfhw,nchw->fc", dout, part)
                more = np.einsum("nfhw,fc->nchw", dout, self.W[:, :, i, j])
                dx[:, :, i : i + h, j : j + w] += more
        return dx


class LogSumExp:
    def forward(self, x):
        self.x = x
        self.y = np.logaddexp.reduce(x, axis=1)
        return self.y

    def backward(self, dout):
        return dout[:, None] * np.exp(self.x - self.y[:, None])


class SingleAffine:
    """Computes in float32, whatever comes in."""

    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x.astype(np.float32)
        self.V = self.W.astype(np.float32)
        products = sum(np.outer(self.x[:, k], self.V[k]) for k in range(x.shape[1]))
        return (self.b.astype(np.float32) + products).astype(np.float64)

    def backward(self, dout):
        d = dout.astype(np.float32)
        self.dW = np.einsum("nd,nm->dm", self.x[::-1], d[::-1]).astype(np.float64)
        self.db = (np.ones(len(d), np.float32) @ d).astype(np.float64)
        return np.einsum("nm,dm->nd", d, self.V).astype(np.float64)
