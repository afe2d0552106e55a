"""Dropout that is wrong in one way."""

from __future__ import annotations

import numpy as np

from benchmarks.demonstrations import (
    not_repeatable,
)
from benchmarks.points import POINTS, Point
from benchmarks.records import Wrong
from benchmarks.right_layers.normalisation import (
    Dropout,
    DropoutOfGlobalState,
)


class DropoutMaskMissing(Dropout):
    def backward(self, dout):
        return dout.copy()


class DropoutScaleMissing(Dropout):
    def backward(self, dout):
        return dout * (self.mask != 0)


class DropoutScaledTwice(Dropout):
    def backward(self, dout):
        return dout * self.mask * (self.mask if self.training else 1)


class DropoutMaskRedrawn(Dropout):
    def backward(self, dout):
        return dout * ((self.rng.random(dout.shape) >= self.p) / (1 - self.p + 1e-300))


class DropoutMaskOfOutput(Dropout):
    """The mask is where the output is not zero: wrong for inputs of exactly zero."""

    def forward(self, x):
        self.y = super().forward(x)
        return self.y

    def backward(self, dout):
        return dout * self.mask * (self.y != 0)


class DropoutMaskInEvaluation(Dropout):
    """Masks the gradient in evaluation mode too."""

    def backward(self, dout):
        if not self.training:
            return dout * (np.arange(dout.size).reshape(dout.shape) % 2)
        return super().backward(dout)


class DropoutUnseeded(DropoutOfGlobalState):
    def forward(self, x):
        self.keep = np.random.default_rng().random(x.shape) >= self.p
        return np.where(self.keep, x, 0)


_DROPOUT = POINTS["dropout"]
_ZEROS = np.where(np.arange(24).reshape(4, 6) % 3 == 0, 0.0, 1.0)

WRONG = (
    Wrong(DropoutMaskMissing, "dropout", bug="mask missing"),
    Wrong(
        DropoutScaleMissing,
        "dropout",
        bug="constant factor",
        names=("factor-*", "*scale*", "*keep*"),
    ),
    Wrong(
        DropoutScaledTwice,
        "dropout",
        bug="constant factor",
        names=("factor-*", "*scale*", "*keep*"),
    ),
    Wrong(DropoutMaskRedrawn, "dropout", bug="mask missing", names=("*mask*", "*redrawn*")),
    Wrong(DropoutMaskOfOutput, "dropout", bug="special values", point=_DROPOUT.at(x=_ZEROS)),
    Wrong(
        DropoutMaskInEvaluation,
        "dropout",
        bug="mode",
        names=("*mode*", "*mask*"),
        point=_DROPOUT.with_(training=False),
    ),
    Wrong(
        DropoutUnseeded,
        "dropout",
        ordinary=Point("x 4 6"),
        bug="not deterministic",
        shows=not_repeatable,
    ),
)
