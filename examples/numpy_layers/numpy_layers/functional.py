"""A pair of functions with a cache between them."""

import numpy as np


def layernorm_forward(x, gamma, beta, eps=1e-5):
    centred = x - x.mean(axis=1, keepdims=True)
    inverse = 1.0 / np.sqrt((centred**2).mean(axis=1, keepdims=True) + eps)
    xhat = centred * inverse
    return gamma * xhat + beta, (xhat, inverse, gamma)


def layernorm_backward(dout, cache):
    xhat, inverse, gamma = cache
    dgamma = (dout * xhat).sum(axis=0)
    dbeta = dout.sum(axis=0)
    dxhat = dout * gamma
    mean = dxhat.mean(axis=1, keepdims=True)
    projected = xhat * (dxhat * xhat).mean(axis=1, keepdims=True)
    return inverse * (dxhat - mean - projected), dgamma, dbeta
