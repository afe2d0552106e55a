"""Rectifiers and other activations with kinks that are wrong in one way."""

from __future__ import annotations

import numpy as np

from benchmarks.points import Point
from benchmarks.records import Wrong
from benchmarks.right_layers.activations import (
    ELU,
    SELU,
    HardSigmoid,
    HardTanh,
    LeakyReLU,
    PReLU,
    ReLU,
)


class ReLUMaskMissing(ReLU):
    def backward(self, dout):
        return dout.copy()


class ReLUMaskOfUpstream(ReLU):
    def backward(self, dout):
        return np.maximum(dout, 0) * self.mask


class ReLUMaskIsUpstream(ReLU):
    def backward(self, dout):
        return np.where(dout > 0, dout, 0)


class ReLUUpstreamIgnored(ReLU):
    def backward(self, dout):
        return self.mask.astype(float)


class ReLUMaskInverted(ReLU):
    def backward(self, dout):
        return dout * ~self.mask


class ReLULastRowLeftOut(ReLU):
    def backward(self, dout):
        dx = dout * self.mask
        if len(dx) > 1:
            dx[-1] = 0
        return dx


class ReLUHalfAboveOne(ReLU):
    """Wrong for large inputs only."""

    def forward(self, x):
        self.x = x
        return super().forward(x)

    def backward(self, dout):
        return super().backward(dout) * np.where(self.x > 50, 0.5, 1)


class ReLUNanAtZero(ReLU):
    """The mask is x / x."""

    def forward(self, x):
        self.y = np.maximum(x, 0)
        return self.y

    def backward(self, dout):
        with np.errstate(all="ignore"):
            return np.where(self.y >= 0, dout * (self.y / self.y), 0)


class LeakyForgetsSlope(LeakyReLU):
    def backward(self, dout):
        return dout * (self.slope == 1)


class LeakySlopeFixed(LeakyReLU):
    """Right for the default slope only."""

    def backward(self, dout):
        return dout * np.where(self.slope == 1, 1, 0.01)


class LeakySlopeSquared(LeakyReLU):
    def backward(self, dout):
        return dout * self.slope * self.slope


class PReLUOverAll(PReLU):
    """The slope's gradient is summed over everything."""

    def backward(self, dout):
        dx = super().backward(dout)
        self.da = np.full_like(self.a, np.sum(self.da))
        return dx


class PReLUNoMask(PReLU):
    def backward(self, dout):
        dx = super().backward(dout)
        self.da = (self.x * dout).sum(axis=0)
        return dx


class ELUDerivativeOfOutput(ELU):
    """Adds one and not alpha: right for alpha = 1 only."""

    def backward(self, dout):
        return dout * np.where(self.x > 0, 1, self.low + 1)


class ELUForgetsAlpha(ELU):
    def backward(self, dout):
        return dout * np.where(self.x > 0, 1, self.low)


class SELUForgetsScale(SELU):
    def backward(self, dout):
        return dout * np.where(self.x > 0, 1, self.e)


class HardTanhOneSide(HardTanh):
    def forward(self, x):
        y = super().forward(x)
        self.inside = x < self.high
        return y


class HardTanhFixedBounds(HardTanh):
    """Right for bounds of -1 and 1 only."""

    def forward(self, x):
        y = super().forward(x)
        self.inside = np.abs(x) < 1
        return y


class HardSigmoidForgetsSlope(HardSigmoid):
    def backward(self, dout):
        return dout * self.inside


_ROWS = Point("x 3 4")
_FACTOR = ("*alpha*", "*beta*", "*factor*", "*option*", "*mutant*", "*slope*")

WRONG = (
    Wrong(ReLUMaskMissing, "relu", bug="mask missing"),
    Wrong(ReLUMaskOfUpstream, "relu", bug="upstream ignored", names=("upstream-not-linear",)),
    Wrong(ReLUMaskIsUpstream, "relu", bug="upstream ignored", names=("upstream-not-linear",)),
    Wrong(ReLUUpstreamIgnored, "relu", bug="upstream ignored"),
    Wrong(ReLUMaskInverted, "relu", bug="mask missing", names=("*mask*", "*sign*")),
    Wrong(ReLULastRowLeftOut, "relu", bug="one element wrong", names=("*last*", "*row*")),
    Wrong(ReLUHalfAboveOne, "relu", bug="special values", point=_ROWS.times(1000)),
    Wrong(
        ReLUNanAtZero,
        "relu",
        bug="special values",
        names=("gradient-not-finite",),
        point=_ROWS,
    ),
    Wrong(LeakyForgetsSlope, "leaky-relu", bug="option", names=_FACTOR),
    Wrong(LeakySlopeFixed, "leaky-relu", bug="option", options={"alpha": 0.2}),
    Wrong(
        LeakySlopeSquared,
        "leaky-relu",
        bug="wrong quantity",
        names=("*twice*", "*slope*", *_FACTOR),
    ),
    Wrong(PReLUOverAll, "prelu", bug="wrong axis"),
    Wrong(PReLUNoMask, "prelu", bug="mask missing"),
    Wrong(ELUDerivativeOfOutput, "elu", bug="option", options={"alpha": 0.5}),
    Wrong(ELUForgetsAlpha, "elu", bug="wrong quantity", names=("*alpha*", "*term*", "*mutant*")),
    Wrong(SELUForgetsScale, "selu", bug="constant factor"),
    Wrong(HardTanhOneSide, "hard-tanh", bug="mask missing", point=_ROWS.times(3)),
    Wrong(HardTanhFixedBounds, "hard-tanh", bug="option", options={"high": 0.25}),
    Wrong(HardSigmoidForgetsSlope, "hard-sigmoid", bug="constant factor", names=_FACTOR),
)
