"""Mistakes in the input gradient of layers that normalise by mean and variance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.normalised import Normalised, normalised
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array


def _dx(wrong: Callable[[Normalised], Array]) -> Formula:
    return lambda situation: {"x": wrong(normalised(situation))}


def _weighted(mean: float, variance: float) -> Formula:
    """The student forgot the path through the mean, or the variance, or a factor in it."""
    return _dx(lambda the: the.dx(mean=mean, variance=variance))


def _gamma_forgotten(the: Normalised) -> Array:
    """The student went back through x-hat with dout itself."""
    return replace(the, g=the.dout).dx()


def _gamma_after(the: Normalised) -> Array:
    """The student multiplied by gamma at the end; it differs within a group."""
    return the.gamma.reshape(the.shape) * replace(the, g=the.dout).dx()


def _eps_missing(the: Normalised) -> Array:
    """The student divided by sqrt(variance) in all of backward."""
    s = 1 / np.sqrt(the.variance)
    return replace(the, s=s, x_hat=the.centred * s).dx()


def _eps_missing_outside(the: Normalised) -> Array:
    """The student kept x-hat of forward, and divided by sqrt(variance) in front."""
    return the.dx(s=1 / np.sqrt(the.variance))


def _eps_missing_in_variance(the: Normalised) -> Array:
    """The student forgot eps in the power -3/2 of dvar only."""
    return the.dx(variance=(the.variance**-1.5) / the.s**3)


def _power(power: float) -> Formula:
    """The student wrote another power than -3/2 in dvar."""
    return _dx(lambda the: the.dx(variance=the.s ** (-2 * power) / the.s**3))


def _unbiased(the: Normalised) -> Array:
    """The student took the variance over n - 1 in backward, and over n in forward."""
    n = the.count
    s = 1 / np.sqrt(the.variance * n / (n - 1) + (1 / the.s**2 - the.variance))
    return replace(the, s=s, x_hat=the.centred * s).dx()


def _variance_over_less(the: Normalised) -> Array:
    """The student divided by n - 1 in the path through the variance."""
    return the.dx(variance=the.count / (the.count - 1))


def _over_batch(the: Normalised) -> Array:
    """The student took the means of backward along the first axis."""
    if 0 in the.axes:
        raise ValueError("they belong there")
    return replace(the, axes=(0,)).dx()


def _over_features(the: Normalised) -> Array:
    """The student took the means of backward along the features."""
    return replace(the, axes=(1,)).dx()


def _over_batch_alone(the: Normalised) -> Array:
    """The student forgot the places of an image in the means of backward."""
    if the.axes == (0,):
        raise ValueError("there are no places")
    return replace(the, axes=(0,)).dx()


def _sum_for_mean(the: Normalised) -> Array:
    """The student wrote sums where both means belong."""
    return the.dx(mean=the.count, variance=the.count)


def _groups_ignored(situation: Situation) -> dict[str, Array]:
    """The student normalised all channels together in backward."""
    return {"x": situation.again(options={"groups": 1}).gradients["x"]}


_ALL = "batch-norm layer-norm group-norm instance-norm"
_RMS = f"{_ALL} rms-norm"
_RULE = "dx = s * (g - mean(g) - xhat * mean(g * xhat)), g = gamma * dout, s = 1 / sqrt(var + eps)."
_RMS_RULE = f"{_RULE[:-1]}; without mean(g) for RMSNorm."
_WITHIN = "The means run over the same numbers as those of forward."

_TOLD: dict[str, tuple[str, str, str, Formula]] = {
    "mean-path-missing": (
        _ALL,
        _RULE,
        "{gradient} lacks the path through the mean: x also moves the mean of its group",
        _weighted(0, 1),
    ),
    "variance-path-missing": (
        _RMS,
        _RMS_RULE,
        "{gradient} lacks the path through the variance: x also moves the divisor",
        _weighted(1, 0),
    ),
    "both-paths-missing": (
        _ALL,
        _RULE,
        "{gradient} treats mean and variance as constants: both depend on x",
        _weighted(0, 0),
    ),
    "mean-path-sign": (
        _ALL,
        _RULE,
        "{gradient} has the path through the mean with the wrong sign",
        _weighted(-1, 1),
    ),
    "variance-path-sign": (
        _ALL,
        _RULE,
        "{gradient} has the path through the variance with the wrong sign",
        _weighted(1, -1),
    ),
    "mean-not-divided": (
        _ALL,
        _RULE,
        "{gradient} has the sum of g where its mean belongs",
        _dx(lambda the: the.dx(mean=the.count)),
    ),
    "variance-not-divided": (
        _ALL,
        _RULE,
        "{gradient} has the sum of g * xhat where its mean belongs",
        _dx(lambda the: the.dx(variance=the.count)),
    ),
    "sums-for-means": (
        _ALL,
        _RULE,
        "{gradient} has sums where the means of g and g * xhat belong",
        _dx(_sum_for_mean),
    ),
    "half-variance-path": (
        _ALL,
        "The derivative of a square has a factor 2: dvar * 2 * (x - mean) / n.",
        "{gradient} has half the path through the variance: the 2 of the square is missing",
        _weighted(1, 0.5),
    ),
    "double-variance-path": (
        _ALL,
        "dvar = sum(g * (x - mean)) * -0.5 * (var + eps)**-1.5: with the -0.5.",
        "{gradient} has twice the path through the variance: the 1/2 of the root is missing",
        _weighted(1, 2),
    ),
    "gamma-forgotten": (
        _RMS,
        "g = gamma * dout first, then back through the normalisation.",
        "{gradient} lacks gamma: dout must be multiplied by it first",
        _dx(_gamma_forgotten),
    ),
    "gamma-after-projection": (
        "layer-norm group-norm rms-norm",
        "g = gamma * dout first, then back through the normalisation.",
        "{gradient} is multiplied by gamma at the end; it must come before the means are taken",
        _dx(_gamma_after),
    ),
    "eps-missing-in-backward": (
        _RMS,
        "Keep s = 1 / sqrt(var + eps) in forward, and use it in backward.",
        "{gradient} lacks eps: backward divides by sqrt(var), forward by sqrt(var + eps)",
        _dx(_eps_missing),
    ),
    "eps-missing-in-front": (
        _RMS,
        "Keep s = 1 / sqrt(var + eps) in forward, and use it in backward.",
        "{gradient} lacks eps in the divisor in front, sqrt(var + eps)",
        _dx(_eps_missing_outside),
    ),
    "eps-missing-in-variance-path": (
        _RMS,
        "dvar = sum(g * (x - mean)) * -0.5 * (var + eps)**-1.5.",
        "{gradient} lacks eps in the power -3/2 of the path through the variance",
        _dx(_eps_missing_in_variance),
    ),
    "power-half": (
        _RMS,
        "dvar = sum(g * (x - mean)) * -0.5 * (var + eps)**-1.5.",
        "the path through the variance in {gradient} has the power -1/2 where -3/2 belongs",
        _power(-0.5),
    ),
    "power-one": (
        _RMS,
        "dvar = sum(g * (x - mean)) * -0.5 * (var + eps)**-1.5.",
        "the path through the variance in {gradient} has the power -1 where -3/2 belongs",
        _power(-1.0),
    ),
    "divided-by-variance": (
        _RMS,
        "s = 1 / sqrt(var + eps).",
        "{gradient} is divided by the variance in front, not by its root",
        _dx(lambda the: the.dx(s=the.s**2)),
    ),
    "unbiased-in-backward": (
        _ALL,
        "Divide by n in both passes.",
        "backward's variance in {gradient} divides by n - 1, forward's by n",
        _dx(_unbiased),
    ),
    "variance-path-over-less": (
        _ALL,
        "Forward's variance divides by n, so does its derivative.",
        "the path through the variance in {gradient} divides by n - 1 instead of n",
        _dx(_variance_over_less),
    ),
    "means-over-batch": (
        "layer-norm rms-norm instance-norm",
        _WITHIN,
        "the means in {gradient} run over the batch; each sample is normalised on its own",
        _dx(_over_batch),
    ),
    "means-over-features": (
        "batch-norm",
        _WITHIN,
        "the means in {gradient} run over the features; each feature is normalised on its own",
        _dx(_over_features),
    ),
    "means-over-batch-alone": (
        "batch-norm",
        _WITHIN,
        "the means in {gradient} run over the batch, and not over the places of the image",
        _dx(_over_batch_alone),
    ),
    "groups-ignored": (
        "group-norm",
        "Reshape to (N, groups, -1) in backward too.",
        "the means in {gradient} run over all channels, not over those of a group",
        _groups_ignored,
    ),
}

MUTANTS: tuple[Mutant, ...] = tuple(
    mutant(name, text, repair, kinds, formula)
    for name, (kinds, repair, text, formula) in _TOLD.items()
)
"""The mistakes, each with its formula."""
