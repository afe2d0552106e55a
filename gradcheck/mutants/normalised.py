"""A call of a normalising layer taken apart: what its gradient is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array

Axes = tuple[int, ...]


@dataclass(frozen=True)
class Normalised:
    """A call of a normalising layer: what its gradient is made of.

    Arrays have the shape in which each group of numbers lies along ``axes``. ``g`` is dL/dx-hat,
    and s is 1 / sqrt(variance + eps).
    """

    shape: tuple[int, ...]
    axes: Axes
    centred: Array
    x_hat: Array
    s: Array
    variance: Array
    gamma: Array
    dout: Array
    g: Array
    moved: float = 1.0  # zero where nothing is subtracted, as by RMSNorm

    def mean(self, values: Array) -> Array:
        """Return the mean over each group."""
        return np.asarray(values.mean(axis=self.axes, keepdims=True))

    def dx(
        self, *, s: Array | None = None, mean: float | Array = 1.0, variance: float | Array = 1.0
    ) -> Array:
        """Return s (g - mean(g) - x-hat mean(g x-hat)), with paths weighted by the two factors."""
        straight = self.g - self.moved * mean * self.mean(self.g)
        projected = straight - variance * self.x_hat * self.mean(self.g * self.x_hat)
        return np.asarray((self.s if s is None else s) * projected).reshape(self.shape)

    @property
    def count(self) -> int:
        """The number of numbers in a group."""
        return self.x_hat.size // max(self.s.size, 1)


def normalised(situation: Situation) -> Normalised:
    """Take a call apart; ValueError for a batch norm that uses its running statistics."""
    x, dout = situation.arrays["x"], situation.dout
    if not situation.options.get("training", True):
        raise ValueError("normalised by running statistics")
    gamma = per_element(situation)
    axes = _axes(situation)
    shape = x.shape
    if situation.kind.name == "group-norm":
        rows = (len(x), situation.options["groups"], -1)
        x, gamma, dout = x.reshape(rows), gamma.reshape(rows), dout.reshape(rows)
    moved = 0.0 if situation.kind.name == "rms-norm" else 1.0
    centred = x - moved * x.mean(axis=axes, keepdims=True)
    variance = np.asarray((centred * centred).mean(axis=axes, keepdims=True))
    s = 1 / np.sqrt(variance + situation.options["eps"])
    return Normalised(
        shape, axes, centred, centred * s, s, variance, gamma, dout, gamma * dout, moved
    )


def per_element(situation: Situation) -> Array:
    """Return gamma in the shape of x; ones where there is none."""
    x = situation.arrays["x"]
    gamma = situation.arrays.get("gamma", np.ones(()))
    if situation.kind.name in ("batch-norm", "group-norm", "instance-norm") and gamma.ndim:
        gamma = gamma.reshape(-1, *[1] * (x.ndim - 2))
    return np.broadcast_to(gamma, x.shape)


def _axes(situation: Situation) -> Axes:
    x = situation.arrays["x"]
    if situation.kind.name == "batch-norm":
        return (0, *range(2, x.ndim))
    if situation.kind.name == "group-norm":
        return (2,)
    if situation.kind.name == "instance-norm":
        return tuple(range(2, x.ndim))
    return tuple(range(x.ndim - situation.arrays["gamma"].ndim, x.ndim))
