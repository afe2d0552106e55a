"""Smooth activations and softmaxes that are wrong in one way."""

from __future__ import annotations

import numpy as np

from benchmarks.points import Point
from benchmarks.records import Wrong
from benchmarks.right_layers.activations import (
    GELU,
    GELUTanh,
    LogSoftmax,
    Mish,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)


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

WRONG = (
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
    Wrong(SoftmaxPlus, "softmax", bug="sign", names=("*-path-wrong", "*sign*", "*mutant*")),
    Wrong(SoftmaxUpstreamIgnored, "softmax", bug="upstream ignored"),
    Wrong(LogSoftmaxForgetsSum, "log-softmax", bug="diagonal Jacobian"),
    Wrong(LogSoftmaxOfOutput, "log-softmax", bug="wrong quantity"),
)
