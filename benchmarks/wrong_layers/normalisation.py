"""Normalisation that is wrong in one way."""

from __future__ import annotations

import numpy as np

from benchmarks.demonstrations import (
    changes_statistics,
    forward_differs,
)
from benchmarks.points import POINTS, Point
from benchmarks.records import Wrong
from benchmarks.right_layers.normalisation import (
    BatchNorm,
    BatchNormInOneLine,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    RMSNorm,
)


class BatchNormMeanForgotten(BatchNormInOneLine):
    def through_statistics(self, dxn):
        return (dxn - self.x_hat * (dxn * self.x_hat).mean(axis=0)) / self.std


class BatchNormVarianceForgotten(BatchNormInOneLine):
    def through_statistics(self, dxn):
        return (dxn - dxn.mean(axis=0)) / self.std


class BatchNormNeither(BatchNormInOneLine):
    def through_statistics(self, dxn):
        return dxn / self.std


class BatchNormGammaForgotten(BatchNorm):
    def backward(self, dout):
        dx = super().backward(dout)
        return dx / self.gamma


class BatchNormUnbiased(BatchNormInOneLine):
    """Divides by N - 1 in backward."""

    def through_statistics(self, dxn):
        N = len(dxn)
        along = (dxn * self.x_hat).sum(axis=0) / max(N - 1, 1)
        return (dxn - dxn.mean(axis=0) - self.x_hat * along) / self.std


class BatchNormEpsilonForgotten(BatchNormInOneLine):
    """The standard deviation of backward is without epsilon."""

    def through_statistics(self, dxn):
        std = np.sqrt(np.maximum(self.std**2 - self.eps, 1e-30))
        mean = dxn.mean(axis=0)
        return (dxn - mean - self.x_hat * (dxn * self.x_hat).mean(axis=0)) / std


class BatchNormNotRooted(BatchNorm):
    def through_statistics(self, dxn):
        return super().through_statistics(dxn) / self.std


class BatchNormSumNotMean(BatchNorm):
    def through_statistics(self, dxn):
        dxc = dxn / self.std
        dstd = -np.sum(dxn * self.xc / self.std**2, axis=0)
        dxc = dxc + 2.0 / len(dxn) * self.xc * 0.5 * dstd / self.std
        return dxc - np.sum(dxc, axis=0)


class BatchNormBetaMean(BatchNorm):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dbeta = dout.mean(axis=0)
        return dx


class BatchNormGammaOfInput(BatchNorm):
    """dgamma is made of the input and not of the normalised input."""

    def backward(self, dout):
        dx = super().backward(dout)
        self.dgamma = (dout * self.x).sum(axis=0)
        return dx


class BatchNormGradientOfBatchInEvaluation(BatchNorm):
    """In evaluation mode, backward goes through statistics of the batch."""

    def backward(self, dout):
        if self.training:
            return super().backward(dout)
        self.dbeta, self.dgamma = dout.sum(axis=0), (dout * self.x_hat).sum(axis=0)
        g = self.gamma * dout
        return (g - g.mean(axis=0) - self.x_hat * (g * self.x_hat).mean(axis=0)) / self.std


class BatchNormRunsInEvaluation(BatchNorm):
    """Running statistics are changed in evaluation mode too."""

    def forward(self, x):
        y = super().forward(x)
        if not self.training:
            self.running_mean = 0.9 * self.running_mean + 0.1 * x.mean(axis=0)
        return y


class BatchNormBatchInEvaluation(BatchNorm):
    """Uses the batch in evaluation mode, and backward agrees."""

    def forward(self, x):
        training, self.training = self.training, True
        self.was = training
        return super().forward(x)


class BatchNormVarianceNotSquared(BatchNorm):
    """A constant column divides by zero."""

    def through_statistics(self, dxn):
        with np.errstate(all="ignore"):
            s = np.sqrt((self.xc**2).mean(axis=0))
            return super().through_statistics(dxn) * (s / s)


class LayerNormBatchAxis(LayerNorm):
    def backward(self, dout):
        super().backward(dout)
        g = dout * self.gamma
        along = (g * self.x_hat).mean(axis=0, keepdims=True)
        return (g - g.mean(axis=0, keepdims=True) - self.x_hat * along) / self.std


class LayerNormGammaAfter(LayerNorm):
    """gamma comes after the projection."""

    def backward(self, dout):
        super().backward(dout)
        along = (dout * self.x_hat).mean(axis=-1, keepdims=True)
        rest = dout - dout.mean(axis=-1, keepdims=True) - self.x_hat * along
        return self.gamma * rest / self.std


class LayerNormMeanForgotten(LayerNorm):
    def backward(self, dout):
        super().backward(dout)
        g = dout * self.gamma
        return (g - self.x_hat * (g * self.x_hat).mean(axis=-1, keepdims=True)) / self.std


class LayerNormGammaGradientOverRow(LayerNorm):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dgamma = np.full_like(self.gamma, (dout * self.x_hat).sum())
        return dx


class LayerNormUnbiased(LayerNorm):
    """Forward divides by D - 1; backward agrees."""

    def forward(self, x):
        xc = x - x.mean(axis=-1, keepdims=True)
        self.ratio = max(x.shape[-1] - 1, 1) / x.shape[-1]
        variance = (xc**2).mean(axis=-1, keepdims=True) / self.ratio
        self.std = np.sqrt(variance + self.eps)
        self.x_hat = xc / self.std
        return self.gamma * self.x_hat + self.beta

    def backward(self, dout):
        super().backward(dout)
        g = dout * self.gamma
        along = (g * self.x_hat).mean(axis=-1, keepdims=True) / self.ratio
        return (g - g.mean(axis=-1, keepdims=True) - self.x_hat * along) / self.std


class RMSNormNoProjection(RMSNorm):
    def backward(self, dout):
        super().backward(dout)
        return self.r * dout * self.gamma


class RMSNormSquare(RMSNorm):
    """The root's cube is a square."""

    def backward(self, dout):
        super().backward(dout)
        g = dout * self.gamma
        inner = np.mean(g * self.x, axis=-1, keepdims=True)
        return self.r * g - self.r**2 * self.x * inner


class GroupNormOneGroup(GroupNorm):
    """Backward takes all channels for one group."""

    def backward(self, dout):
        groups, std = self.groups, self.std
        self.groups, self.std = 1, std.mean(axis=1, keepdims=True)
        dx = super().backward(dout)
        self.groups = groups
        return dx


class InstanceNormOverBatch(InstanceNorm):
    def backward(self, dout):
        dx = super().backward(dout)
        g = dout * self.gamma[:, None, None] if dout.ndim == 4 else dout * self.gamma[:, None]
        return dx + 0 * g if len(dout) == 1 else dx - dx.mean(axis=0)


class InstanceNormGammaForgotten(InstanceNorm):
    def backward(self, dout):
        dx = super().backward(dout)
        wide = self.gamma.reshape(1, -1, *(1 for _ in dout.shape[2:]))
        return dx / wide


_BN = POINTS["batch-norm"]
_CONSTANT = _BN.with_(eps=0.1).at(x=np.ones((6, 4)))
_EVALUATION = Point(
    "x 6 4",
    "gamma 4, beta 4, running_mean 4 fixed, running_var 4 fixedpos",
    {"training": False},
)

WRONG = (
    Wrong(BatchNormMeanForgotten, "batch-norm", bug="path missing"),
    Wrong(BatchNormVarianceForgotten, "batch-norm", bug="path missing"),
    Wrong(BatchNormNeither, "batch-norm", bug="path missing"),
    Wrong(BatchNormGammaForgotten, "batch-norm", bug="parameter forgotten"),
    Wrong(
        BatchNormUnbiased,
        "batch-norm",
        bug="constant factor",
        names=("variance-path-wrong", "*unbiased*", "*ddof*", "*mutant*"),
    ),
    Wrong(BatchNormEpsilonForgotten, "batch-norm", bug="epsilon missing", options={"eps": 1e-3}),
    Wrong(
        BatchNormNotRooted,
        "batch-norm",
        bug="wrong quantity",
        names=("*root*", "*variance*", "*std*", "*mutant*"),
    ),
    Wrong(
        BatchNormSumNotMean,
        "batch-norm",
        bug="constant factor",
        names=("*mean*", "*sum*", "*mutant*"),
    ),
    Wrong(BatchNormBetaMean, "batch-norm", bug="constant factor", names=("factor-1/N",)),
    Wrong(BatchNormGammaOfInput, "batch-norm", bug="wrong quantity"),
    Wrong(BatchNormGradientOfBatchInEvaluation, "batch-norm", bug="mode", point=_EVALUATION),
    Wrong(
        BatchNormRunsInEvaluation,
        "batch-norm",
        bug="mode",
        point=_EVALUATION,
        shows=changes_statistics,
    ),
    Wrong(
        BatchNormBatchInEvaluation,
        "batch-norm",
        bug="mode",
        names=("forward-differs", "*mode*"),
        point=_EVALUATION,
        shows=forward_differs,
    ),
    Wrong(
        BatchNormVarianceNotSquared,
        "batch-norm",
        bug="special values",
        names=("gradient-not-finite",),
        point=_CONSTANT,
    ),
    Wrong(LayerNormBatchAxis, "layer-norm", bug="wrong axis"),
    Wrong(LayerNormGammaAfter, "layer-norm", bug="wrong order", names=("*gamma*", "*order*")),
    Wrong(LayerNormMeanForgotten, "layer-norm", bug="path missing"),
    Wrong(LayerNormGammaGradientOverRow, "layer-norm", bug="wrong axis"),
    Wrong(LayerNormUnbiased, "layer-norm", bug="forward wrong", shows=forward_differs),
    Wrong(RMSNormNoProjection, "rms-norm", bug="path missing"),
    Wrong(
        RMSNormSquare,
        "rms-norm",
        bug="wrong quantity",
        names=("norm-path-wrong", "*power*", "*root*", "*mutant*"),
    ),
    Wrong(GroupNormOneGroup, "group-norm", bug="option", names=("*group*", "*axis*", "*option*")),
    Wrong(InstanceNormOverBatch, "instance-norm", bug="wrong axis"),
    Wrong(InstanceNormGammaForgotten, "instance-norm", bug="parameter forgotten"),
)
