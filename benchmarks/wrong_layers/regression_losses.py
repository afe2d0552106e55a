"""Losses of real targets, and of distributions, that are wrong in one way."""

from __future__ import annotations

import numpy as np

from benchmarks.points import Point
from benchmarks.records import Wrong
from benchmarks.right_layers.losses import (
    Hinge,
    Huber,
    KLDivergence,
    MeanAbsoluteError,
    MeanSquaredError,
    MulticlassHinge,
    SmoothL1,
)


class HingeNoMask(Hinge):
    def backward(self, dout=1.0):
        return -dout * self.sign / self.sign.size


class HingeLabelNotSigned(Hinge):
    """Forgets that a label of 0 stands for -1."""

    def backward(self, dout=1.0):
        return -dout * (self.sign > 0) * self.active / self.active.size


class SVMTargetForgotten(MulticlassHinge):
    def backward(self, dout=1.0):
        return dout * (self.margins > 0) / len(self.margins)


class SVMTargetOnce(MulticlassHinge):
    """The target counts once, however many margins are violated."""

    def backward(self, dout=1.0):
        dx = (self.margins > 0).astype(float)
        dx[np.arange(len(dx)), self.t] -= 1
        return dout * dx / len(dx)


class SVMNotAveraged(MulticlassHinge):
    def backward(self, dout=1.0):
        return super().backward(dout) * len(self.t)


class MSEForgetsTwo(MeanSquaredError):
    def backward(self, dout=1.0):
        return dout * self.diff / self.diff.size


class MSEBatchOnly(MeanSquaredError):
    def backward(self, dout=1.0):
        return dout * 2 * self.diff / len(self.diff)


class MSESign(MeanSquaredError):
    def backward(self, dout=1.0):
        return -super().backward(dout)


class MSEUpstreamIgnored(MeanSquaredError):
    """Squares what it is given."""

    def backward(self, dout=1.0):
        return 2 * self.diff / self.diff.size * dout**2


class MAEWithoutSign(MeanAbsoluteError):
    def backward(self, dout=1.0):
        return dout * self.diff / self.diff.size


class MAENanAtZero(MeanAbsoluteError):
    def backward(self, dout=1.0):
        with np.errstate(all="ignore"):
            return dout * self.diff / np.abs(self.diff) / self.diff.size


class HuberNotClipped(Huber):
    def backward(self, dout=1.0):
        return dout * self.diff / self.diff.size


class HuberForgetsDelta(Huber):
    """Right for delta = 1 only."""

    def backward(self, dout=1.0):
        return dout * np.clip(self.diff, -1, 1) / self.diff.size


class SmoothL1ForgetsBeta(SmoothL1):
    """Right for beta = 1 only."""

    def backward(self, dout=1.0):
        return dout * np.clip(self.diff, -1, 1) / self.diff.size


class KLOfElements(KLDivergence):
    """Divides by the number of elements."""

    def backward(self, dout=1.0):
        return super().backward(dout) / self.t.shape[-1]


class KLRatio(KLDivergence):
    def forward(self, x, t):
        self.x = x
        return super().forward(x, t)

    def backward(self, dout=1.0):
        return -dout * self.t / self.x / self.n


_FAR = Point("y 3 4, t 3 4 fixed", scale=5)

WRONG = (
    Wrong(HingeNoMask, "hinge", bug="mask missing", point=Point("x 4, t 4 int2", scale=4)),
    Wrong(
        HingeLabelNotSigned, "hinge", bug="wrong quantity", names=("*label*", "*sign*", "*mutant*")
    ),
    Wrong(
        SVMTargetForgotten,
        "multiclass-hinge",
        bug="path missing",
        names=("*target*", "*label*", "*mutant*"),
    ),
    Wrong(
        SVMTargetOnce,
        "multiclass-hinge",
        bug="path missing",
        names=("*target*", "*label*", "*count*", "*mutant*"),
    ),
    Wrong(SVMNotAveraged, "multiclass-hinge", bug="constant factor", names=("factor-N",)),
    Wrong(MSEForgetsTwo, "mean-squared-error", bug="constant factor", names=("factor-0.5",)),
    Wrong(MSEBatchOnly, "mean-squared-error", bug="constant factor"),
    Wrong(MSESign, "mean-squared-error", bug="sign"),
    Wrong(
        MSEUpstreamIgnored,
        "mean-squared-error",
        bug="upstream ignored",
        names=("upstream-not-linear",),
    ),
    Wrong(
        MAEWithoutSign, "mean-absolute-error", bug="wrong quantity", names=("*sign*", "*mutant*")
    ),
    Wrong(
        MAENanAtZero,
        "mean-absolute-error",
        bug="special values",
        names=("gradient-not-finite",),
        point=Point("y 3 4, t 3 4 fixed").at(y=np.ones((3, 4)), t=np.ones((3, 4))),
    ),
    Wrong(
        HuberNotClipped,
        "huber",
        bug="mask missing",
        names=("*clip*", "*mask*", "*mutant*"),
        point=_FAR,
    ),
    Wrong(HuberForgetsDelta, "huber", bug="option", point=_FAR.with_(delta=0.5)),
    Wrong(SmoothL1ForgetsBeta, "smooth-l1", bug="option", options={"beta": 0.5}),
    Wrong(KLOfElements, "kl-divergence", bug="constant factor"),
    Wrong(KLRatio, "kl-divergence", bug="wrong quantity"),
)
