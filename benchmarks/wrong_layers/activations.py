"""Activations that are wrong in one way."""

from __future__ import annotations

import numpy as np

from benchmarks.points import Point
from benchmarks.records import Wrong
from benchmarks.right_layers.activations import (
    ELU,
    GELU,
    SELU,
    GELUTanh,
    HardSigmoid,
    HardTanh,
    LeakyReLU,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
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


class SigmoidOfOutput(Sigmoid):
    """The derivative is fed the input and not the output."""

    def forward(self, x):
        self.x = x
        return super().forward(x)

    def backward(self, dout):
        return dout * self.x * (1 - self.x)


class SigmoidTwice(Sigmoid):
    """The sigmoid is applied to its output again."""

    def backward(self, dout):
        s = 1 / (1 + np.exp(-self.y))
        return dout * s * (1 - s)


class SigmoidUpstreamIgnored(Sigmoid):
    def backward(self, dout):
        return self.y * (1 - self.y)


class SigmoidPlus(Sigmoid):
    def backward(self, dout):
        return dout * self.y * (1 + self.y)


class SigmoidUpstreamSquared(Sigmoid):
    def backward(self, dout):
        return dout * dout * self.y * (1 - self.y)


class SigmoidSignOfUpstream(Sigmoid):
    def backward(self, dout):
        return np.abs(dout) * self.y * (1 - self.y)


class SigmoidFlatFarOut(Sigmoid):
    """Wrong where it saturates: clipped derivative."""

    def backward(self, dout):
        return dout * np.maximum(self.y * (1 - self.y), 1e-2)


class TanhNotSquared(Tanh):
    def backward(self, dout):
        return dout * (1 - self.out)


class TanhOfOutput(Tanh):
    def backward(self, dout):
        return dout * (1 - np.tanh(self.out) ** 2)


class TanhUpstreamIgnored(Tanh):
    def backward(self, dout):
        return 1 - self.out**2


class TanhSign(Tanh):
    def backward(self, dout):
        return dout * (self.out**2 - 1)


class SoftplusForgetsBeta(Softplus):
    """Right for beta = 1 only."""

    def backward(self, dout):
        return super().backward(dout) / self.beta


class SoftplusOfTanh(Softplus):
    def backward(self, dout):
        return dout * np.tanh(self.z)


class SiLUSigmoidOnly(SiLU):
    def backward(self, dout):
        return dout * self.s


class SiLUForgetsBeta(SiLU):
    """Right for beta = 1 only."""

    def backward(self, dout):
        return dout * self.s * (1 + self.x * (1 - self.s))


class MishForgetsInner(Mish):
    def backward(self, dout):
        return dout * (self.t + self.x * (1 - self.t**2))


class GELUForgetsDensity(GELU):
    def backward(self, dout):
        return dout * self.cdf


class GELUWithGradientOfTanh(GELU):
    """Forward is exact, backward that of the approximation."""

    def backward(self, dout):
        other = GELUTanh()
        other.forward(self.x)
        return other.backward(dout)


class GELUTanhForgetsThree(GELUTanh):
    def backward(self, dout):
        inner = np.sqrt(2 / np.pi) * (1 + 0.044715 * self.x**2)
        return dout * 0.5 * (1 + self.t + self.x * (1 - self.t**2) * inner)


class SoftmaxDiagonal(Softmax):
    def backward(self, dout):
        return dout * self.y * (1 - self.y)


class SoftmaxSumOverBatch(Softmax):
    def backward(self, dout):
        dx = self.y * dout
        return dx - self.y * dx.sum(axis=0, keepdims=True)


class SoftmaxSumOfUpstream(Softmax):
    def backward(self, dout):
        return self.y * (dout - dout.sum(axis=-1, keepdims=True))


class SoftmaxPlus(Softmax):
    def backward(self, dout):
        dx = self.y * dout
        return dx + self.y * dx.sum(axis=-1, keepdims=True)


class SoftmaxUpstreamIgnored(Softmax):
    def backward(self, dout):
        return self.y * (1 - self.y)


class LogSoftmaxForgetsSum(LogSoftmax):
    def backward(self, dout):
        return dout - np.exp(self.y) * dout


class LogSoftmaxOfOutput(LogSoftmax):
    def backward(self, dout):
        return dout - self.y * dout.sum(axis=-1, keepdims=True)


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
    Wrong(SigmoidOfOutput, "sigmoid", bug="wrong quantity"),
    Wrong(SigmoidTwice, "sigmoid", bug="wrong quantity"),
    Wrong(SigmoidUpstreamIgnored, "sigmoid", bug="upstream ignored"),
    Wrong(SigmoidPlus, "sigmoid", bug="sign", names=("*sign*", "*derivative*", "*mutant*")),
    Wrong(
        SigmoidUpstreamSquared, "sigmoid", bug="upstream ignored", names=("upstream-not-linear",)
    ),
    Wrong(SigmoidSignOfUpstream, "sigmoid", bug="upstream ignored", names=("upstream-*",)),
    Wrong(SigmoidFlatFarOut, "sigmoid", bug="special values", point=_ROWS.times(10)),
    Wrong(TanhNotSquared, "tanh", bug="wrong quantity"),
    Wrong(TanhOfOutput, "tanh", bug="wrong quantity"),
    Wrong(TanhUpstreamIgnored, "tanh", bug="upstream ignored"),
    Wrong(TanhSign, "tanh", bug="sign"),
    Wrong(SoftplusForgetsBeta, "softplus", bug="option", options={"beta": 2.0}),
    Wrong(SoftplusOfTanh, "softplus", bug="wrong quantity"),
    Wrong(SiLUSigmoidOnly, "silu", bug="path missing"),
    Wrong(SiLUForgetsBeta, "silu", bug="option", options={"beta": 0.5}),
    Wrong(MishForgetsInner, "mish", bug="path missing"),
    Wrong(GELUForgetsDensity, "gelu", bug="path missing"),
    Wrong(GELUWithGradientOfTanh, "gelu", bug="approximation"),
    Wrong(GELUTanhForgetsThree, "gelu-tanh", bug="wrong quantity"),
    Wrong(SoftmaxDiagonal, "softmax", bug="diagonal Jacobian"),
    Wrong(SoftmaxSumOverBatch, "softmax", bug="wrong axis"),
    Wrong(SoftmaxSumOfUpstream, "softmax", bug="wrong quantity"),
    Wrong(SoftmaxPlus, "softmax", bug="sign", names=("*sign*", "*mutant*")),
    Wrong(SoftmaxUpstreamIgnored, "softmax", bug="upstream ignored"),
    Wrong(LogSoftmaxForgetsSum, "log-softmax", bug="diagonal Jacobian"),
    Wrong(LogSoftmaxOfOutput, "log-softmax", bug="wrong quantity"),
)
