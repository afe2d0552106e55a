"""Attention that is right: scores, masks, heads."""

from __future__ import annotations

import numpy as np

from benchmarks.records import Right


def softmax(s):
    """Rows of weights."""
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_backward(da, a):
    """Back through the rows of weights."""
    return a * (da - (da * a).sum(axis=-1, keepdims=True))


class ScaledDotProductAttention:
    def __init__(self, causal=False):
        self.causal = causal

    def forward(self, q, k, v, mask=None):
        self.q, self.k, self.v = q, k, v
        self.scale = 1 / np.sqrt(q.shape[-1])
        s = q @ k.swapaxes(-1, -2) * self.scale
        T, S = s.shape[-2:]
        if self.causal:
            s = np.where(np.tril(np.ones((T, S), dtype=bool)), s, -np.inf)
        if mask is not None:
            s = np.where(mask, s, -1e30)
        self.mask = mask
        self.a = softmax(s)
        return self.a @ v

    def backward(self, dout):
        dv = self.a.swapaxes(-1, -2) @ dout
        ds = softmax_backward(dout @ self.v.swapaxes(-1, -2), self.a) * self.scale
        if self.mask is not None:
            ds = ds * self.mask
        return ds @ self.k, ds.swapaxes(-1, -2) @ self.q, dv


class MultiHeadAttention:
    """Without biases."""

    def __init__(self, Wq, Wk, Wv, Wo, heads=1):
        self.Wq, self.Wk, self.Wv, self.Wo, self.heads = Wq, Wk, Wv, Wo, heads

    def split(self, z):
        N, T, D = z.shape
        return z.reshape(N, T, self.heads, D // self.heads).transpose(0, 2, 1, 3)

    def join(self, z):
        N, G, T, K = z.shape
        return z.transpose(0, 2, 1, 3).reshape(N, T, G * K)

    def forward(self, x):
        self.x = x
        self.q, self.k, self.v = (self.split(x @ W) for W in (self.Wq, self.Wk, self.Wv))
        self.scale = 1 / np.sqrt(self.q.shape[-1])
        self.a = softmax(self.q @ self.k.transpose(0, 1, 3, 2) * self.scale)
        self.o = self.join(self.a @ self.v)
        return self.o @ self.Wo

    def backward(self, dout):
        self.dWo = np.einsum("ntd,nte->de", self.o, dout)
        do = self.split(dout @ self.Wo.T)
        dv = self.a.transpose(0, 1, 3, 2) @ do
        ds = softmax_backward(do @ self.v.transpose(0, 1, 3, 2), self.a) * self.scale
        dq, dk = ds @ self.k, ds.transpose(0, 1, 3, 2) @ self.q
        return self.project(*(self.join(one) for one in (dq, dk, dv)))

    def project(self, dq, dk, dv):
        self.dWq, self.dWk, self.dWv = (np.einsum("ntd,nte->de", self.x, d) for d in (dq, dk, dv))
        return dq @ self.Wq.T + dk @ self.Wk.T + dv @ self.Wv.T


RIGHT = (
    Right(ScaledDotProductAttention, "scaled-dot-product-attention", why="masked with -inf"),
    Right(MultiHeadAttention, "multi-head-attention", why="x is used three times"),
)
