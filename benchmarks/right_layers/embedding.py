"""Embeddings that are right: ids that are repeated, and positions."""

from __future__ import annotations

import numpy as np

from benchmarks.records import Right


class Embedding:
    def __init__(self, W):
        self.W = W

    def forward(self, ids):
        self.ids = ids
        return self.W[ids]

    def backward(self, dout):
        self.dW = np.zeros_like(self.W)
        np.add.at(self.dW, self.ids, dout)


class EmbeddingByLoops(Embedding):
    def backward(self, dout):
        self.dW = np.zeros_like(self.W)
        for place in np.ndindex(*np.shape(self.ids)):
            self.dW[self.ids[place]] += dout[place]


class EmbeddingByOneHot(Embedding):
    """As a product with one-hot rows."""

    def backward(self, dout):
        V, D = self.W.shape
        rows = np.eye(V, dtype=dout.dtype)[np.reshape(self.ids, -1)]
        self.dW = rows.T @ dout.reshape(-1, D)


class LearnedPositions:
    def __init__(self, W):
        self.W = W

    def forward(self, x):
        self.steps = x.shape[-2]
        return x + self.W[: self.steps]

    def backward(self, dout):
        self.dW = np.zeros_like(self.W)
        self.dW[: self.steps] = dout.sum(axis=0) if dout.ndim == 3 else dout
        return dout.copy()


class PositionalEncoding:
    """Adds sines and cosines, so the gradient is passed on as it is."""

    def forward(self, x):
        T, D = x.shape[-2:]
        t, d = np.arange(T)[:, None], np.arange(D)
        angle = t / 10000 ** (2 * (d // 2) / D)
        return x + np.where(d % 2 == 0, np.sin(angle), np.cos(angle)).astype(x.dtype)

    def backward(self, dout):
        return dout


class NegativeSampling:
    def __init__(self, W):
        self.W = W

    def forward(self, h, t, negatives):
        self.h, self.ids = h, np.concatenate([t[:, None], negatives], axis=1)
        self.sign = np.where(np.arange(self.ids.shape[1]) == 0, 1, -1)
        score = np.einsum("nd,nkd->nk", h, self.W[self.ids])
        self.score = self.sign * score
        return np.logaddexp(0, -self.score).sum() / len(h)

    def backward(self, dout=1):
        ds = dout * self.sign * 0.5 * (np.tanh(self.score / 2) - 1) / len(self.h)
        self.dW = np.zeros_like(self.W)
        np.add.at(self.dW, self.ids, ds[:, :, None] * self.h[:, None, :])
        return np.einsum("nk,nkd->nd", ds, self.W[self.ids])


RIGHT = (
    Right(Embedding, "embedding", why="ids are repeated"),
    Right(EmbeddingByLoops, "embedding", why="naive loops"),
    Right(EmbeddingByOneHot, "embedding", why="a product with one-hot rows"),
    Right(LearnedPositions, "learned-positions"),
    Right(PositionalEncoding, "positional-encoding", why="returns the upstream gradient itself"),
    Right(NegativeSampling, "negative-sampling", why="ids are repeated"),
)
