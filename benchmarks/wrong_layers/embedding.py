"""Embeddings and attention that are wrong in one way."""

from __future__ import annotations

import numpy as np

from benchmarks.points import Point
from benchmarks.records import Wrong
from benchmarks.right_layers.attention import (
    MultiHeadAttention,
    ScaledDotProductAttention,
    softmax_backward,
)
from benchmarks.right_layers.embedding import (
    Embedding,
    LearnedPositions,
    NegativeSampling,
    PositionalEncoding,
)


class EmbeddingOverwrites(Embedding):
    """Right for ids that are not repeated."""

    def backward(self, dout):
        self.dW = np.zeros_like(self.W)
        self.dW[self.ids] = dout


class EmbeddingAddsOnce(Embedding):
    """Adds, but each id once."""

    def backward(self, dout):
        self.dW = np.zeros_like(self.W)
        self.dW[self.ids] += dout


class EmbeddingAverages(Embedding):
    """Divides by how often an id is seen."""

    def backward(self, dout):
        super().backward(dout)
        seen = np.bincount(np.ravel(self.ids), minlength=len(self.W))
        self.dW = self.dW / np.maximum(seen, 1)[:, None]


class EmbeddingRowsSwapped(Embedding):
    def backward(self, dout):
        super().backward(dout)
        self.dW = self.dW[::-1].copy()


class EmbeddingFirstIdLeftOut(Embedding):
    """The id 0 gets no gradient, as if it were padding."""

    def backward(self, dout):
        super().backward(dout)
        self.dW[0] = 0


class PositionsNotSummed(LearnedPositions):
    """Of the first of the batch only."""

    def backward(self, dout):
        dx = super().backward(dout)
        self.dW[: self.steps] = dout[0] if dout.ndim == 3 else dout
        return dx


class PositionsMean(LearnedPositions):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dW = self.dW / len(dout)
        return dx


class EncodingScaled(PositionalEncoding):
    """Multiplies by the root of D in backward only."""

    def backward(self, dout):
        return dout * np.sqrt(dout.shape[-1])


class SamplingSign(NegativeSampling):
    """Negatives push in the wrong direction."""

    def backward(self, dout=1):
        sign, self.sign = self.sign, np.abs(self.sign)
        dh = super().backward(dout)
        self.sign = sign
        return dh


class SamplingOverwrites(NegativeSampling):
    def backward(self, dout=1):
        dh = super().backward(dout)
        ds = dout * self.sign * 0.5 * (np.tanh(self.score / 2) - 1) / len(self.h)
        self.dW = np.zeros_like(self.W)
        self.dW[self.ids] = ds[:, :, None] * self.h[:, None, :]
        return dh


class AttentionScaleForgotten(ScaledDotProductAttention):
    def backward(self, dout):
        dq, dk, dv = super().backward(dout)
        return dq / self.scale, dk, dv


class AttentionDiagonal(ScaledDotProductAttention):
    def backward(self, dout):
        dv = super().backward(dout)[2]
        ds = dout @ self.v.swapaxes(-1, -2) * self.a * (1 - self.a) * self.scale
        return ds @ self.k, ds.swapaxes(-1, -2) @ self.q, dv


class AttentionOfQuery(ScaledDotProductAttention):
    """The gradient of the keys is made with keys where axes allow it."""

    def backward(self, dout):
        dq, dk, dv = super().backward(dout)
        da = dout @ self.v.swapaxes(-1, -2)
        ds = softmax_backward(da, self.a) * self.scale
        square = self.a.shape[-1] == self.a.shape[-2]
        return dq, ds @ self.q if square else dk, dv


class AttentionValueUntransposed(ScaledDotProductAttention):
    """Forgets to transpose the weights, where they are square."""

    def backward(self, dout):
        dq, dk, dv = super().backward(dout)
        return dq, dk, self.a @ dout if self.a.shape[-1] == self.a.shape[-2] else dv


class HeadsValueForgotten(MultiHeadAttention):
    """The path through the values is missing in the input's gradient."""

    def project(self, dq, dk, dv):
        super().project(dq, dk, dv)
        return dq @ self.Wq.T + dk @ self.Wk.T


class HeadsJoinedWithoutTranspose(MultiHeadAttention):
    """Right for one head."""

    def backward(self, dout):
        join, self.join = self.join, lambda z: z.reshape(z.shape[0], z.shape[2], -1)
        dx = super().backward(dout)
        self.join = join
        return dx


class HeadsOutputMean(MultiHeadAttention):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dWo = self.dWo / len(dout)
        return dx


class HeadsQueryKeySwapped(MultiHeadAttention):
    def project(self, dq, dk, dv):
        return super().project(dk, dq, dv)


_SQUARE = Point("q 2 3 4, k 2 3 4, v 2 3 6")

WRONG = (
    Wrong(EmbeddingOverwrites, "embedding", bug="overwritten"),
    Wrong(EmbeddingAddsOnce, "embedding", bug="overwritten"),
    Wrong(
        EmbeddingAverages,
        "embedding",
        bug="constant factor",
        names=("*repeated*", "*count*", "*mean*", "*average*"),
    ),
    Wrong(
        EmbeddingRowsSwapped,
        "embedding",
        bug="wrong order",
        names=("*revers*", "*flip*", "*order*"),
    ),
    Wrong(
        EmbeddingFirstIdLeftOut,
        "embedding",
        bug="one element wrong",
        names=("*first*", "*row*", "*zero*", "*index*"),
    ),
    Wrong(
        PositionsNotSummed,
        "learned-positions",
        bug="wrong axis",
        names=("*first*", "*sum*", "*batch*"),
    ),
    Wrong(PositionsMean, "learned-positions", bug="constant factor", names=("factor-1/N",)),
    Wrong(EncodingScaled, "positional-encoding", bug="constant factor"),
    Wrong(SamplingSign, "negative-sampling", bug="sign", names=("*sign*", "*mutant*")),
    Wrong(SamplingOverwrites, "negative-sampling", bug="overwritten"),
    Wrong(
        AttentionScaleForgotten,
        "scaled-dot-product-attention",
        bug="constant factor",
        names=("factor-*", "*scale*", "*root*"),
    ),
    Wrong(AttentionDiagonal, "scaled-dot-product-attention", bug="diagonal Jacobian"),
    Wrong(AttentionOfQuery, "scaled-dot-product-attention", bug="transposed", point=_SQUARE),
    Wrong(
        AttentionValueUntransposed, "scaled-dot-product-attention", bug="transposed", point=_SQUARE
    ),
    Wrong(HeadsValueForgotten, "multi-head-attention", bug="path missing"),
    Wrong(
        HeadsJoinedWithoutTranspose,
        "multi-head-attention",
        bug="wrong order",
        names=("*reshape*", "*order*", "*head*", "*transpose*"),
    ),
    Wrong(HeadsOutputMean, "multi-head-attention", bug="constant factor", names=("factor-1/N",)),
    Wrong(
        HeadsQueryKeySwapped,
        "multi-head-attention",
        bug="wrong order",
        names=("*swap*", "*mutant*", "*order*"),
    ),
)
