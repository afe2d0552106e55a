"""Layers that change what is not theirs."""

from __future__ import annotations

import numpy as np

from benchmarks.demonstrations import (
    changes_input,
    changes_parameter,
    changes_upstream,
    reseeds,
)
from benchmarks.points import Point
from benchmarks.records import Wrong
from benchmarks.right_layers.activations import ReLU, Sigmoid, Softmax
from benchmarks.right_layers.affine import Affine
from benchmarks.right_layers.normalisation import BatchNorm, DropoutOfGlobalState


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
)
