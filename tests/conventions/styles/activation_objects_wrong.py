"""Activation functions, to be used in my own network."""

import numpy as np


class Sigmoid:
    def __call__(self, x):
        return 1 / (1 + np.exp(-x))

    def gradient(self, x):
        return x * (1 - x)


class Softmax:
    def __call__(self, x):
        e_x = np.exp(x - np.max(x, axis=-1, keepdims=True))
        return e_x / np.sum(e_x, axis=-1, keepdims=True)

    def gradient(self, x):
        p = self.__call__(x)
        return p * (1 - p)


class LeakyReLU:
    def __init__(self, alpha=0.2):
        self.alpha = alpha

    def __call__(self, x):
        return np.where(x >= 0, x, self.alpha * x)

    def gradient(self, x):
        return np.where(x >= 0, 1, 0)


class ELU:
    def __init__(self, alpha=1.0):
        self.alpha = alpha

    def fn(self, z):
        return np.where(z > 0, z, self.alpha * (np.exp(z) - 1))

    def grad(self, z):
        return np.where(z > 0, 1.0, self.alpha * (np.exp(z) - 1))


class Dropout:
    def __init__(self, p=0.5):
        self.p = p

    def __call__(self, x, train=True):
        if train:
            self.mask = np.random.binomial(1, 1 - self.p, x.shape)
            return x * self.mask / (1 - self.p)
        self.mask = np.ones_like(x)
        return x

    def backward(self, delta):
        return delta * self.mask


class SquareLoss:
    def loss(self, y, y_pred):
        return 0.5 * np.power((y - y_pred), 2)

    def gradient(self, y, y_pred):
        return y - y_pred
