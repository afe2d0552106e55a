"""Activation functions as objects: called with x, the slope comes from gradient(x) or grad(z)."""

import numpy as np


class Sigmoid:
    def __call__(self, x):
        return 1 / (1 + np.exp(-x))

    def gradient(self, x):
        return self.__call__(x) * (1 - self.__call__(x))


class TanH:
    def __call__(self, x):
        return 2 / (1 + np.exp(-2 * x)) - 1

    def gradient(self, x):
        return 1 - np.power(self.__call__(x), 2)


class LeakyReLU:
    def __init__(self, alpha=0.2):
        self.alpha = alpha

    def __call__(self, x):
        return np.where(x >= 0, x, self.alpha * x)

    def gradient(self, x):
        return np.where(x >= 0, 1, self.alpha)


class SoftPlus:
    def __call__(self, x):
        return np.logaddexp(0, x)

    def gradient(self, x):
        return 1 / (1 + np.exp(-x))


class ELU:
    """z if z > 0 else alpha * (exp(z) - 1)"""

    def __init__(self, alpha=1.0):
        self.alpha = alpha

    def fn(self, z):
        return np.where(z > 0, z, self.alpha * (np.exp(z) - 1))

    def grad(self, z):
        return np.where(z >= 0, np.ones_like(z), self.alpha * np.exp(z))


class Affine:
    """slope * z + intercept"""

    def __init__(self, slope=1, intercept=0):
        self.slope = slope
        self.intercept = intercept

    def fn(self, z):
        return self.slope * z + self.intercept

    def grad(self, z):
        return self.slope * np.ones_like(z)


class Dropout:
    def __init__(self, p=0.5):
        self.p = p

    def __call__(self, x, train=True):
        if train:
            self.mask = np.random.binomial(1, 1 - self.p, x.shape) / (1 - self.p)
            return x * self.mask
        self.mask = np.ones_like(x)
        return x

    def backward(self, delta):
        return delta * self.mask


class SquareLoss:
    def loss(self, y, y_pred):
        return 0.5 * np.power((y - y_pred), 2)

    def gradient(self, y, y_pred):
        return -(y - y_pred)


class CrossEntropy:
    def loss(self, y, p):
        p = np.clip(p, 1e-15, 1 - 1e-15)
        return -y * np.log(p) - (1 - y) * np.log(1 - p)

    def gradient(self, y, p):
        p = np.clip(p, 1e-15, 1 - 1e-15)
        return -(y / p) + (1 - y) / (1 - p)
