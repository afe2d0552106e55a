"""How the values of a case are drawn: short decimals, generic ones, ties, and the domains."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gradcheck.axes import axis_size
from gradcheck.signature import ArraySpec
from gradcheck.subject import Array

SIMPLE = (1.0, 0.5, -2.0, 2.0, -1.0, 1.5, -0.5, 3.0, -1.5, 2.5, -3.0, 0.25, 4.0, -2.5, -0.25, 5.0)
"""What a person likes to calculate with, best first."""

SHORT = np.array([1.0, -1.0, 0.5, -2.0, 2.0, -0.5, 1.5, -1.5, 3.0, 0.25])


_SHARES = np.array([0.5, 0.25, 0.75])


_TIED = np.array([0.0, 1.0, -1.0])


_AWAY = 64.0  # standard deviations from zero: squares then lose four digits in a difference


REGIMES: Mapping[str, float] = {
    "plain": 1.0,
    "generic": 1.0,
    "tied": 1.0,
    "small": 2.0**-10,
    "large": 32.0,
    "huge": 1000.0,
    "constant": 1.0,
    "offset": 1.0,
}
"""How values are drawn, and their scale; the first is what a failing case shrinks to."""


def values_of(
    spec: ArraySpec, axes: Mapping[str, int], regime: str, rng: np.random.Generator
) -> Array:
    """Return values for one array at given sizes, in a regime and in its domain."""
    shape = spec.shape(axes)
    if spec.domain == "labels":
        least, below = (axis_size(term, axes) for term in (spec.least, spec.below))
        return np.asarray(rng.integers(least, max(below, least + 1), shape))
    if spec.domain == "mask":
        return _mask(shape, rng)
    if spec.domain == "one-hot":
        hot: Array = np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]
        return hot
    if spec.domain == "probabilities":
        return _probabilities(shape, regime, rng)
    if spec.domain == "unit":
        return _unit(shape, regime, rng)
    extreme = regime in ("huge", "constant", "offset") and spec.role != "input"
    regime = "generic" if extreme else regime  # it is the data that is extreme, not the weights
    values = _real(shape, regime, rng) * REGIMES[regime]
    if spec.domain == "real":
        return np.asarray(values)
    room = 0.25 * REGIMES[regime]  # away from the edge at zero, at the scale of the values
    sign = 1.0 if spec.domain == "positive" else np.where(values < 0, -1.0, 1.0)
    return np.asarray(sign * (np.abs(values) + room))


def simplest(spec: ArraySpec, axes: Mapping[str, int]) -> Array:
    """Return the values of one array that are easiest to calculate with.

    Its elements differ as far as they can: equal ones are ties, and rows without a variance.
    """
    shape = spec.shape(axes)
    count = int(np.prod(shape))
    if spec.domain == "labels":
        least, below = (axis_size(term, axes) for term in (spec.least, spec.below))
        return (np.arange(count) % max(below - least, 1) + least).reshape(shape)
    if spec.domain == "mask":
        return np.ones(shape, bool)
    if spec.domain == "one-hot":
        hot: Array = np.eye(shape[-1])[np.arange(count // max(shape[-1], 1)) % max(shape[-1], 1)]
        return hot.reshape(shape)
    if spec.domain == "probabilities":
        row = 0.5 ** np.minimum(np.arange(1, shape[-1] + 1), max(shape[-1] - 1, 0))
        return np.array(np.broadcast_to(row, shape))
    values = _SHARES if spec.domain == "unit" else np.array(SIMPLE)
    values = values[values > 0] if spec.domain == "positive" else values
    return np.resize(values, count).reshape(shape)


def _real(shape: tuple[int, ...], regime: str, rng: np.random.Generator) -> Array:
    if regime == "plain":
        return np.asarray(rng.choice(SHORT, shape))
    if regime == "tied":
        return np.asarray(rng.choice(_TIED, shape))
    if regime == "constant" and shape:
        level = rng.standard_normal((*shape[:-1], 1)) * rng.choice([0.0, 1.0, 1.0])
        return np.array(np.broadcast_to(level, shape))
    away = _AWAY if regime == "offset" else 0.0
    return np.asarray(rng.standard_normal(shape) + away)


def _unit(shape: tuple[int, ...], regime: str, rng: np.random.Generator) -> Array:
    """Return numbers between 0 and 1, away from both."""
    if regime in ("plain", "tied"):
        return np.asarray(rng.choice(_SHARES, shape))
    return np.asarray(rng.uniform(0.05, 0.95, shape))


def _mask(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return booleans of which every row of the last axis has at least one that is true."""
    mask = rng.random(shape) < 0.6
    if mask.ndim and mask.shape[-1]:
        sure = rng.integers(0, mask.shape[-1], mask.shape[:-1])
        np.put_along_axis(mask, sure[..., np.newaxis], True, axis=-1)
    return np.asarray(mask)


def _probabilities(shape: tuple[int, ...], regime: str, rng: np.random.Generator) -> Array:
    if regime in ("plain", "tied"):
        weights = rng.integers(1, 5, shape).astype(float)
    else:
        weights = np.exp(rng.standard_normal(shape) * (4.0 if regime == "large" else 1.0))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))
