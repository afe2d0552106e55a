"""Layers that change what is not theirs, raise, or are spelt wrongly."""

from __future__ import annotations

import numpy as np

from benchmarks.demonstrations import (
    changes_input,
    changes_parameter,
    changes_upstream,
    differentiates_numerically,
    forward_differs,
    raises,
    reseeds,
)
from benchmarks.points import Point
from benchmarks.records import Wrong
from benchmarks.right_layers.activations import ReLU, Sigmoid, Softmax, Tanh
from benchmarks.right_layers.affine import Affine
from benchmarks.right_layers.losses import MeanSquaredError, SoftmaxWithLoss
from benchmarks.right_layers.normalisation import BatchNorm, DropoutOfGlobalState
from benchmarks.right_layers.own import Tiny


class ReLUClipsInput(ReLU):
    def forward(self, x):
        self.mask = x > 0
        x[~self.mask] = 0
        return x.copy()


class SoftmaxShiftsInput(Softmax):
    def forward(self, x):
        x -= x.max(axis=-1, keepdims=True)
        return super().forward(x)


class BatchNormCentresInput(BatchNorm):
    def forward(self, x):
        y = super().forward(x)
        x -= x.mean(axis=0)
        return y


class AffineScalesInputInBackward(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.x *= 0.5
        return dx


class ReLUMasksUpstream(ReLU):
    def backward(self, dout):
        dout[~self.mask] = 0
        return dout


class SigmoidScalesUpstream(Sigmoid):
    def backward(self, dout):
        dout *= self.y * (1 - self.y)
        return dout


class AffineUpdatesItself(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.W -= 0.1 * self.dW
        return dx


class AffineRebinds(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.W = self.W - 0.1 * self.dW
        return dx


class AffineNormalises(Affine):
    """Forward scales the weights in place."""

    def forward(self, x):
        self.W /= np.abs(self.W).max()
        return super().forward(x)


class DropoutReseeds(DropoutOfGlobalState):
    """Sets the global seed, so every draw elsewhere repeats."""

    def forward(self, x):
        np.random.seed(42)
        return super().forward(x)


class ForwardMisspelt:
    def foward(self, x):
        return np.tanh(x)

    def backward(self, dout):
        return dout


class BackwardMisspelt:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y

    def backwards(self, dout):
        return dout * (1 - self.y**2)


class ConstructorMisspelt:
    def _init_(self, W, b):
        self.W, self.b = W, b

    forward = Affine.forward
    backward = Affine.backward


class BackwardMissing:
    def forward(self, x):
        return np.maximum(x, 0)


class ForwardReturnsNothing(Sigmoid):
    def forward(self, x):
        super().forward(x)


class BackwardReturnsNothing(Tanh):
    def backward(self, dout):
        self.dx = super().backward(dout)


class AttributeMissing(Sigmoid):
    def backward(self, dout):
        return dout * self.out * (1 - self.out)


class FixedBatch(Affine):
    """Reshapes to a batch of sixty-four."""

    def forward(self, x):
        return super().forward(x.reshape(64, -1))


class LossPerRow(SoftmaxWithLoss):
    def forward(self, x, t):
        super().forward(x, t)
        return -np.log(self.y[np.arange(len(x)), self.t])

    def backward(self, dout=1.0):
        return super().backward(1.0) * np.reshape(dout, (-1, 1)) * len(self.t)


class LossOfRank1(MeanSquaredError):
    """The loss is an array of one element; (n,) for a number."""

    def forward(self, y, t):
        return np.array([super().forward(y, t)])

    def backward(self, dout=1.0):
        return super().backward(np.sum(dout))


class InputFlattened(Tanh):
    """The gradient has another shape than the input."""

    def backward(self, dout):
        return super().backward(dout).reshape(-1)


class SoftmaxWholeBatch(Softmax):
    """Normalises over the whole batch; backward agrees."""

    def forward(self, x):
        e = np.exp(x - x.max())
        self.y = e / e.sum()
        return self.y

    def backward(self, dout):
        return self.y * (dout - (dout * self.y).sum())


class SigmoidOfHalf(Sigmoid):
    """Has another slope than a sigmoid; backward agrees."""

    def forward(self, x):
        return super().forward(x / 2)

    def backward(self, dout):
        return super().backward(dout) / 2


class AffineForgetsBias(Affine):
    """Forward leaves the bias out, backward gives it zeros."""

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dout):
        dx = super().backward(dout)
        self.db = np.zeros_like(self.b)
        return dx


class TanhByDifferences(Tanh):
    """Asks its own forward for the slope."""

    def forward(self, x):
        self.x = x
        return np.tanh(x)

    def backward(self, dout):
        x, h = self.x, 1e-5
        return dout * (self.forward(x + h) - self.forward(x - h)) / (2 * h)


class SigmoidByDifferences(Sigmoid):
    """Differences of a function of its own."""

    def function(self, x):
        return 0.5 * (1 + np.tanh(x / 2))

    def forward(self, x):
        self.x = x
        return self.function(x)

    def backward(self, dout):
        h = 1e-6
        return dout * (self.function(self.x + h) - self.function(self.x - h)) / (2 * h)


class SoftmaxByDifferences(Softmax):
    """One element at a time."""

    def forward(self, x):
        self.x = x
        return super().forward(x)

    def backward(self, dout):
        x, h, dx = self.x.copy(), 1e-5, np.zeros_like(self.x)
        for place in np.ndindex(*x.shape):
            up, down = x.copy(), x.copy()
            up[place] += h
            down[place] -= h
            dx[place] = ((self.forward(up) - self.forward(down)) * dout).sum() / (2 * h)
        return dx


class TinyAllWrong(Tiny):
    """A gradient of 1e-9 that an absolute tolerance lets pass."""

    def backward(self, dout):
        return 3 * super().backward(dout)


_X = "x: N D -> y: N D"

WRONG = (
    Wrong(ReLUClipsInput, "relu", bug="input mutated", shows=changes_input),
    Wrong(SoftmaxShiftsInput, "softmax", bug="input mutated", shows=changes_input),
    Wrong(BatchNormCentresInput, "batch-norm", bug="input mutated", shows=changes_input),
    Wrong(AffineScalesInputInBackward, "affine", bug="input mutated", shows=changes_input),
    Wrong(ReLUMasksUpstream, "relu", bug="upstream mutated", shows=changes_upstream),
    Wrong(SigmoidScalesUpstream, "sigmoid", bug="upstream mutated", shows=changes_upstream),
    Wrong(AffineUpdatesItself, "affine", bug="parameter mutated", shows=changes_parameter),
    Wrong(AffineRebinds, "affine", bug="parameter mutated", shows=changes_parameter),
    Wrong(AffineNormalises, "affine", bug="parameter mutated", shows=changes_parameter),
    Wrong(
        DropoutReseeds,
        signature=_X,
        bug="not deterministic",
        names=("*seed*", "*random*", "*global*"),
        ordinary=Point("x 4 6"),
        shows=reseeds,
    ),
    Wrong(ForwardMisspelt, "tanh", bug="interface", shows=raises),
    Wrong(BackwardMisspelt, "tanh", bug="interface", shows=raises),
    Wrong(ConstructorMisspelt, "affine", bug="interface", shows=raises),
    Wrong(BackwardMissing, "relu", bug="interface", shows=raises),
    Wrong(ForwardReturnsNothing, "sigmoid", bug="interface", shows=raises),
    Wrong(AttributeMissing, "sigmoid", bug="interface", shows=raises),
    Wrong(FixedBatch, "affine", bug="interface", shows=raises),
    Wrong(BackwardReturnsNothing, "tanh", bug="gradient missing"),
    Wrong(LossPerRow, "softmax-with-loss", bug="gradient shape", shows=forward_differs),
    Wrong(LossOfRank1, "mean-squared-error", bug="gradient shape", shows=forward_differs),
    Wrong(InputFlattened, "tanh", bug="gradient shape"),
    Wrong(SoftmaxWholeBatch, "softmax", bug="forward wrong", shows=forward_differs),
    Wrong(SigmoidOfHalf, "sigmoid", bug="forward wrong", shows=forward_differs),
    Wrong(
        AffineForgetsBias,
        "affine",
        bug="forward wrong",
        names=("forward-*", "*bias*"),
        shows=forward_differs,
    ),
    Wrong(
        TanhByDifferences, "tanh", bug="numerical differentiation", shows=differentiates_numerically
    ),
    Wrong(
        SigmoidByDifferences,
        "sigmoid",
        bug="numerical differentiation",
        shows=differentiates_numerically,
    ),
    Wrong(
        SoftmaxByDifferences,
        "softmax",
        bug="numerical differentiation",
        shows=differentiates_numerically,
    ),
    Wrong(TinyAllWrong, signature=_X, bug="constant factor", ordinary=Point("x 3 4")),
)
