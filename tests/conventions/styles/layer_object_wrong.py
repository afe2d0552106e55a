"""Exercise sheet 5, group 7: layers with forward and backward (first hand-in)."""

import numpy as np


def windows(H, W, fh, fw, stride):
    for i in range((H - fh) // stride + 1):
        for j in range((W - fw) // stride + 1):
            yield i, j, slice(i * stride, i * stride + fh), slice(j * stride, j * stride + fw)


class MulLayer:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        dx = dout * self.x
        dy = dout * self.y
        return dx, dy


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = np.mean(dout, axis=0)
        return dout @ self.W.T


class Linear:
    def __init__(self, W, b):
        self.W, self.b = W, b
        self.dW = None
        self.db = None

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        return dout @ self.W.T


class Relu:
    def forward(self, x):
        self.out = np.maximum(0, x)
        return self.out

    def backward(self, dout):
        dx = dout.copy()
        dx[dout <= 0] = 0
        return dx


class Sigmoid:
    def forward(self, x):
        self.x = x
        return 1 / (1 + np.exp(-x))

    def backward(self, dout):
        return dout * self.x * (1 - self.x)


class Softmax:
    def forward(self, x):
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        self.out = e / e.sum(axis=-1, keepdims=True)
        return self.out

    def backward(self, dout):
        return dout * self.out * (1 - self.out)


class SoftmaxWithLoss:
    def forward(self, x, t):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.y = e / e.sum(axis=1, keepdims=True)
        self.t = t if t.ndim == 2 else np.eye(x.shape[1])[t]
        return -np.sum(self.t * np.log(self.y)) / x.shape[0]

    def backward(self, dout=1):
        # the mean is in the loss already
        return dout * (self.y - self.t)


class BatchNormalization:
    def __init__(self, gamma, beta, momentum=0.9, running_mean=None, running_var=None):
        self.gamma, self.beta = gamma, beta
        self.momentum = momentum
        self.running_mean, self.running_var = running_mean, running_var

    def forward(self, x, train_flg=True):
        if self.running_mean is None:
            self.running_mean = np.zeros(x.shape[1])
            self.running_var = np.ones(x.shape[1])
        if train_flg:
            mu, var = x.mean(axis=0), x.var(axis=0)
            self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mu
            self.running_var = self.momentum * self.running_var + (1 - self.momentum) * var
        else:
            mu, var = self.running_mean, self.running_var
        self.std = np.sqrt(var + 1e-7)
        self.xn = (x - mu) / self.std
        return self.gamma * self.xn + self.beta

    def backward(self, dout):
        self.dbeta = dout.sum(axis=0)
        self.dgamma = (dout * self.xn).sum(axis=0)
        # the mean and the variance of the batch are constants
        return dout * self.gamma / self.std


class LayerNormalization:
    def __init__(self, gamma, beta):
        self.gamma, self.beta = gamma, beta

    def forward(self, x):
        mu = x.mean(axis=1, keepdims=True)
        self.std = np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
        self.xn = (x - mu) / self.std
        return self.gamma * self.xn + self.beta

    def backward(self, dout):
        self.dbeta = dout.sum(axis=0)
        self.dgamma = dout.sum(axis=0)
        dxn = dout * self.gamma
        mean_d = dxn.mean(axis=1, keepdims=True)
        mean_dx = (dxn * self.xn).mean(axis=1, keepdims=True)
        return (dxn - mean_d - self.xn * mean_dx) / self.std


class Dropout:
    def __init__(self, dropout_ratio=0.5):
        self.dropout_ratio = dropout_ratio

    def forward(self, x, train_flg=True):
        if train_flg:
            self.mask = np.random.rand(*x.shape) > self.dropout_ratio
            return x * self.mask / (1 - self.dropout_ratio)
        self.mask = np.ones_like(x)
        return x

    def backward(self, dout):
        return dout * self.mask


class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b = W, b
        self.stride, self.pad = stride, pad

    def forward(self, x):
        F, _, fh, fw = self.W.shape
        N, _, H, W = x.shape
        p = self.pad
        self.xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        oh = (H + 2 * p - fh) // self.stride + 1
        ow = (W + 2 * p - fw) // self.stride + 1
        out = np.zeros((N, F, oh, ow))
        for i, j, rows, columns in windows(H + 2 * p, W + 2 * p, fh, fw, self.stride):
            out[:, :, i, j] = np.einsum("ncij,fcij->nf", self.xp[:, :, rows, columns], self.W)
        return out + self.b.reshape(1, -1, 1, 1)

    def backward(self, dout):
        _, _, fh, fw = self.W.shape
        dxp = np.zeros_like(self.xp)
        self.dW = np.zeros_like(self.W)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                d = dout[:, :, i, j]
                patch = self.xp[:, :, i : i + fh, j : j + fw]
                self.dW += np.einsum("nf,ncij->fcij", d, patch)
                dxp[:, :, i : i + fh, j : j + fw] += np.einsum("nf,fcij->ncij", d, self.W)
        self.db = dout.sum(axis=(0, 2, 3))
        p = self.pad
        return dxp[:, :, p : dxp.shape[2] - p, p : dxp.shape[3] - p]


class Pooling:
    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.pool_h, self.pool_w = pool_h, pool_w
        self.stride, self.pad = stride, pad

    def forward(self, x):
        N, C, H, W = x.shape
        self.x = x
        oh = (H - self.pool_h) // self.stride + 1
        ow = (W - self.pool_w) // self.stride + 1
        out = np.zeros((N, C, oh, ow))
        for i, j, rows, columns in windows(H, W, self.pool_h, self.pool_w, self.stride):
            out[:, :, i, j] = x[:, :, rows, columns].max(axis=(2, 3))
        return out

    def backward(self, dout):
        dx = np.zeros_like(self.x)
        H, W = self.x.shape[2:]
        for i, j, rows, columns in windows(H, W, self.pool_h, self.pool_w, self.stride):
            patch = self.x[:, :, rows, columns]
            is_max = patch == patch.max(axis=(2, 3), keepdims=True)
            dx[:, :, rows, columns] = is_max * dout[:, :, i, j][:, :, None, None]
        return dx


if __name__ == "__main__":
    layer = Affine(np.random.randn(3, 2), np.zeros(2))
    print(layer.forward(np.random.randn(4, 3)))
