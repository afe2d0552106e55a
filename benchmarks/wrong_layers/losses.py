"""Losses of class labels that are wrong in one way."""

from __future__ import annotations

import numpy as np

from benchmarks.demonstrations import forward_differs
from benchmarks.points import POINTS, Point
from benchmarks.records import Wrong
from benchmarks.right_layers.losses import (
    CrossEntropy,
    NegativeLogLikelihood,
    SigmoidWithLoss,
    SoftmaxWithLoss,
    TimeSoftmaxWithLoss,
)


class SoftmaxLossNotAveraged(SoftmaxWithLoss):
    def backward(self, dout=1.0):
        return super().backward(dout) * len(self.t)


class SoftmaxLossAveragedTwice(SoftmaxWithLoss):
    def backward(self, dout=1.0):
        return super().backward(dout) / len(self.t)


class SoftmaxLossByClasses(SoftmaxWithLoss):
    """Divides by the number of classes."""

    def backward(self, dout=1.0):
        return super().backward(dout) * len(self.t) / self.y.shape[1]


class SoftmaxLossTargetMinus(SoftmaxWithLoss):
    def backward(self, dout=1.0):
        return -super().backward(dout)


class SoftmaxLossNoTarget(SoftmaxWithLoss):
    """Gives the probabilities only."""

    def backward(self, dout=1.0):
        return dout * self.y / len(self.t)


class SoftmaxLossTargetOnly(SoftmaxWithLoss):
    """Exact at the target's class, nothing elsewhere."""

    def backward(self, dout=1.0):
        dx = super().backward(dout)
        keep = np.arange(dx.shape[1]) == self.t[:, None]
        return dx * keep


class SoftmaxLossLastRow(SoftmaxWithLoss):
    """Subtracts in the last row only."""

    def backward(self, dout=1.0):
        dx = self.y.copy()
        dx[-1, self.t[-1]] -= 1
        return dout * dx / len(self.t)


class SoftmaxLossLogits(SoftmaxWithLoss):
    """Uses the scores and not the probabilities."""

    def forward(self, x, t):
        self.x = x
        return super().forward(x, t)

    def backward(self, dout=1.0):
        dx = self.x.copy()
        dx[np.arange(len(self.t)), self.t] -= 1
        return dout * dx / len(self.t)


class SoftmaxLossUpstreamSquared(SoftmaxWithLoss):
    def backward(self, dout=1.0):
        return super().backward(dout) * dout


class SoftmaxLossEpsilonLarge(SoftmaxWithLoss):
    """The epsilon is too large to pass for one."""

    def forward(self, x, t):
        super().forward(x, t)
        return -np.log(self.y[np.arange(len(x)), self.t] + 0.1).mean()


class SoftmaxLossOneHotShifted(SoftmaxWithLoss):
    """Wrong for one-hot labels only."""

    def forward(self, x, t):
        loss = super().forward(x, t)
        if t.ndim == x.ndim:
            self.t = (self.t + 1) % x.shape[1]
        return loss


class SoftmaxLossSummed(SoftmaxWithLoss):
    """A sum, where the name says a mean; backward agrees."""

    def forward(self, x, t):
        return super().forward(x, t) * len(x)

    def backward(self, dout=1.0):
        return super().backward(dout) * len(self.t)


class SoftmaxLossBaseTwo(SoftmaxWithLoss):
    def forward(self, x, t):
        return super().forward(x, t) / np.log(2)

    def backward(self, dout=1.0):
        return super().backward(dout) / np.log(2)


class CrossEntropySign(CrossEntropy):
    def backward(self, dout=1.0):
        return -super().backward(dout)


class CrossEntropyOfSoftmax(CrossEntropy):
    """Gives the gradient for scores."""

    def backward(self, dout=1.0):
        return dout * (self.p - self.t) / len(self.p)


class CrossEntropyNotAveraged(CrossEntropy):
    def backward(self, dout=1.0):
        return super().backward(dout) * len(self.p)


class SigmoidLossOfProduct(SigmoidWithLoss):
    """Multiplies by the slope of the sigmoid once too often."""

    def backward(self, dout=1.0):
        s = 0.5 * (1 + np.tanh(self.x / 2))
        return super().backward(dout) * s * (1 - s)


class SigmoidLossRowsOnly(SigmoidWithLoss):
    """Divides by the rows and not by all elements."""

    def backward(self, dout=1.0):
        return super().backward(dout) * self.x.size / len(self.x)


class NLLSign(NegativeLogLikelihood):
    def backward(self, dout=1.0):
        return -super().backward(dout)


class NLLWholeRow(NegativeLogLikelihood):
    def backward(self, dout=1.0):
        return np.full(self.shape, -dout / len(self.t))


class TimeLossIgnoredCounts(TimeSoftmaxWithLoss):
    """Averages over all labels, those to ignore included."""

    def backward(self, dout=1.0):
        return super().backward(dout) * self.count / len(self.t)


class TimeLossMaskMissing(TimeSoftmaxWithLoss):
    def backward(self, dout=1.0):
        self.keep = np.ones_like(self.keep)
        return super().backward(dout)


class TimeLossBatchOnly(TimeSoftmaxWithLoss):
    def backward(self, dout=1.0):
        return super().backward(dout) * self.shape[1]


_TIME = POINTS["time-softmax-with-loss"].with_(ignore_label=0).at(t=[[0, 1, 2], [4, 0, 3]])

WRONG = (
    Wrong(SoftmaxLossNotAveraged, "softmax-with-loss", bug="constant factor", names=("factor-N",)),
    Wrong(
        SoftmaxLossAveragedTwice, "softmax-with-loss", bug="constant factor", names=("factor-1/N",)
    ),
    Wrong(SoftmaxLossByClasses, "softmax-with-loss", bug="constant factor"),
    Wrong(SoftmaxLossTargetMinus, "softmax-with-loss", bug="sign"),
    Wrong(
        SoftmaxLossNoTarget,
        "softmax-with-loss",
        bug="path missing",
        names=("*target*", "*label*", "*mutant*"),
    ),
    Wrong(
        SoftmaxLossTargetOnly,
        "softmax-with-loss",
        bug="diagonal Jacobian",
        names=("*class*", "*target*", "*diagonal*"),
    ),
    Wrong(
        SoftmaxLossLastRow, "softmax-with-loss", bug="one element wrong", names=("*row*", "*last*")
    ),
    Wrong(SoftmaxLossLogits, "softmax-with-loss", bug="wrong quantity"),
    Wrong(
        SoftmaxLossUpstreamSquared,
        "softmax-with-loss",
        bug="upstream ignored",
        names=("upstream-not-linear",),
    ),
    Wrong(
        SoftmaxLossEpsilonLarge,
        "softmax-with-loss",
        bug="approximation",
        names=("forward-differs", "*eps*", "log(*"),
    ),
    Wrong(
        SoftmaxLossOneHotShifted,
        "softmax-with-loss",
        bug="option",
        names=("*one-hot*", "*label*"),
        point=Point("x 3 5, t 3 5 onehot"),
    ),
    Wrong(SoftmaxLossSummed, "softmax-with-loss", bug="forward wrong", shows=forward_differs),
    Wrong(SoftmaxLossBaseTwo, "softmax-with-loss", bug="forward wrong", shows=forward_differs),
    Wrong(CrossEntropySign, "cross-entropy", bug="sign"),
    Wrong(CrossEntropyOfSoftmax, "cross-entropy", bug="wrong quantity"),
    Wrong(CrossEntropyNotAveraged, "cross-entropy", bug="constant factor", names=("factor-N",)),
    Wrong(SigmoidLossOfProduct, "sigmoid-with-loss", bug="wrong quantity"),
    Wrong(SigmoidLossRowsOnly, "sigmoid-with-loss", bug="constant factor", names=("factor-D",)),
    Wrong(NLLSign, "negative-log-likelihood", bug="sign"),
    Wrong(
        NLLWholeRow,
        "negative-log-likelihood",
        bug="mask missing",
        names=("*mask*", "*label*", "*target*"),
    ),
    Wrong(TimeLossIgnoredCounts, "time-softmax-with-loss", bug="option", point=_TIME),
    Wrong(TimeLossMaskMissing, "time-softmax-with-loss", bug="mask missing", point=_TIME),
    Wrong(TimeLossBatchOnly, "time-softmax-with-loss", bug="constant factor", names=("factor-T",)),
)
