"""Dense layers that are wrong in one way."""

from __future__ import annotations

import numpy as np

from benchmarks.points import Point
from benchmarks.records import Wrong
from benchmarks.right_layers.affine import Affine, AffineInLists


class WeightsDividedByBatch(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dW = self.dW / len(dout)
        return dx


class BiasMeanNotSum(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.db = dout.mean(axis=0)
        return dx


class InputTimesBatch(Affine):
    def backward(self, dout):
        return super().backward(dout) * dout.shape[0]


class DividedByBatchTwice(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dW = self.dW / len(dout) ** 2
        return dx


class WeightsTwice(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dW = 2 * self.dW
        return dx


class WeightsNegative(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dW = -self.dW
        return dx


class WeightsOneThousandth(Affine):
    """Multiplied by a learning rate."""

    def backward(self, dout):
        dx = super().backward(dout)
        self.dW, self.db = 1e-3 * self.dW, self.db
        return dx


class WeightsTransposed(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dW = dout.T @ self.x
        return dx


class InputUntransposed(Affine):
    """For square weights only; others raise."""

    def backward(self, dout):
        dx = super().backward(dout)
        return dout @ self.W if self.W.shape[0] == self.W.shape[1] else dx


class SquareTransposed(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        if self.W.shape[0] == self.W.shape[1]:
            self.dW = self.dW.T
        return dx


class BiasSummedOverFeatures(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.db = dout.sum(axis=1)
        return dx


class BiasNotSummed(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.db = dout
        return dx


class BiasKeepsRow(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.db = dout.sum(axis=0, keepdims=True)
        return dx


class BiasOfFirstRow(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.db = dout[0].copy()
        return dx


class BiasSummedToScalar(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.db = np.full_like(self.b, dout.sum())
        return dx


class BiasForgotten(Affine):
    def backward(self, dout):
        self.dW = self.x.T @ dout
        return dout @ self.W.T


class BiasLocal(Affine):
    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = None
        db = dout.sum(axis=0)
        return dout @ self.W.T


class WeightsNeverFilled(AffineInLists):
    def backward(self, dout):
        W, b = self.params
        dW = self.grads[0]
        dW = np.dot(self.x.T, dout)
        self.grads[1][...] = np.sum(dout, axis=0)
        return np.dot(dout, W.T)


class ListsSwapped(AffineInLists):
    """The list of gradients is in another order than the list of parameters."""

    def backward(self, dout):
        dx = super().backward(dout)
        self.grads[0], self.grads[1] = np.array(self.grads[1]), np.array(self.grads[0])
        return dx


class LastWeightWrong(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dW[-1, -1] *= 1 + 1e-5
        return dx


class LastFeatureLeftOut(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        dx[:, -1] = 0
        return dx


class WeightsIgnoreUpstream(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dW = self.x.T @ np.ones_like(dout)
        return dx


class WeightsClipped(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dW = np.clip(self.dW, -5, 5)
        return dx


class WeightDecayed(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dW = self.dW + 0.01 * self.W
        return dx


class BiasInInput(Affine):
    def backward(self, dout):
        return super().backward(dout) + self.b.mean()


class OutputFedToWeights(Affine):
    """Uses upstream times output for the bias."""

    def forward(self, x):
        self.y = super().forward(x)
        return self.y

    def backward(self, dout):
        dx = super().backward(dout)
        self.db = (dout * self.y).sum(axis=0)
        return dx


_SQUARE = Point("x 3 4", "W 4 4, b 4")

WRONG = (
    Wrong(WeightsDividedByBatch, "affine", bug="constant factor", names=("factor-1/N",)),
    Wrong(BiasMeanNotSum, "affine", bug="constant factor", names=("factor-1/N", "*mean*")),
    Wrong(InputTimesBatch, "affine", bug="constant factor", names=("factor-N",)),
    Wrong(DividedByBatchTwice, "affine", bug="constant factor", names=("factor-1/N^2",)),
    Wrong(WeightsTwice, "affine", bug="constant factor", names=("factor-2",)),
    Wrong(WeightsOneThousandth, "affine", bug="constant factor"),
    Wrong(WeightsNegative, "affine", bug="sign"),
    Wrong(WeightsTransposed, "affine", bug="transposed"),
    Wrong(InputUntransposed, "affine", bug="transposed", point=_SQUARE),
    Wrong(SquareTransposed, "affine", bug="transposed", point=_SQUARE),
    Wrong(BiasSummedOverFeatures, "affine", bug="wrong axis"),
    Wrong(BiasNotSummed, "affine", bug="gradient shape", names=("*shape*", "*sum*")),
    Wrong(BiasKeepsRow, "affine", bug="gradient shape"),
    Wrong(BiasOfFirstRow, "affine", bug="wrong axis", names=("*first*", "*row*", "*sum*")),
    Wrong(BiasSummedToScalar, "affine", bug="wrong axis"),
    Wrong(BiasForgotten, "affine", bug="gradient missing"),
    Wrong(BiasLocal, "affine", bug="gradient missing"),
    Wrong(WeightsNeverFilled, "affine", bug="all zero"),
    Wrong(ListsSwapped, "affine", bug="wrong order", names=("*shape*", "*swap*", "*order*")),
    Wrong(LastWeightWrong, "affine", bug="one element wrong"),
    Wrong(LastFeatureLeftOut, "affine", bug="one element wrong"),
    Wrong(WeightsIgnoreUpstream, "affine", bug="upstream ignored"),
    Wrong(
        WeightsClipped,
        "affine",
        bug="upstream ignored",
        names=("upstream-not-linear", "*clip*"),
        point=Point("x 3 4", "W 4 5, b 5", scale=100),
    ),
    Wrong(
        WeightDecayed,
        "affine",
        bug="upstream ignored",
        names=("upstream-not-linear", "*decay*", "*regular*"),
    ),
    Wrong(BiasInInput, "affine", bug="upstream ignored", names=("upstream-not-linear",)),
    Wrong(OutputFedToWeights, "affine", bug="wrong quantity"),
)
