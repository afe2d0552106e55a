"""Mistakes in losses of numbers: squared, absolute, Huber, smooth L1."""

from __future__ import annotations

import numpy as np

from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array


def _share(situation: Situation) -> Array:
    """Return dout over the number of elements where the loss is their mean."""
    mean = situation.options.get("reduction", "mean") == "mean"
    return np.asarray(situation.dout / (situation.arrays["y"].size if mean else 1))


def _sloped(wanted: str) -> Formula:
    """A slope that belongs to another loss, or that lacks a part; d is y - t."""

    def formula(situation: Situation) -> dict[str, Array]:
        y, t = situation.arrays["y"], situation.arrays["t"]
        d = y - t
        slopes = {
            "output": 2 * y,
            "target": -2 * t,
            "plus": 2 * (y + t),
            "sign": np.sign(d),
            "absolute": 2 * np.abs(d),
            "square": d * d,
            "difference": d,
            "size": np.abs(d),
            "constant": np.ones_like(d),
            "of-output": np.sign(y),
            "total": np.full_like(d, 2 * d.sum()),
            "mean": np.full_like(d, 2 * d.mean()),
        }
        return {"y": _share(situation) * slopes[wanted]}

    return formula


def _huber(wanted: str) -> Formula:
    """Mistakes in the slope d, cut to [-delta, delta]."""

    def formula(situation: Situation) -> dict[str, Array]:
        d, delta = situation.arrays["y"] - situation.arrays["t"], situation.options["delta"]
        near = np.abs(d) <= delta
        slopes = {
            "clip": d,
            "sign": delta * np.sign(d),
            "delta": np.where(near, d, np.sign(d)),
            "one": np.clip(d, -1, 1),
            "zero": np.where(near, d, 0),
            "unsigned": np.where(near, d, delta),
            "two": np.where(near, 2 * d, delta * np.sign(d)),
        }
        return {"y": _share(situation) * slopes[wanted]}

    return formula


def _smooth(wanted: str) -> Formula:
    """Mistakes in the slope d / beta, cut to [-1, 1]."""

    def formula(situation: Situation) -> dict[str, Array]:
        d, beta = situation.arrays["y"] - situation.arrays["t"], situation.options["beta"]
        near = np.abs(d) < beta
        slopes = {
            "clip": d / beta,
            "sign": np.sign(d),
            "beta": np.where(near, d, np.sign(d)),
            "huber": np.clip(d, -beta, beta),
            "zero": np.where(near, d / beta, 0),
            "unsigned": np.where(near, d / beta, 1),
            "one": np.where(np.abs(d) < 1, d / beta, np.sign(d)),
        }
        return {"y": _share(situation) * slopes[wanted]}

    return formula


_MSE = "dy = 2 * (y - t) / M * dout, with M elements in the mean."
_MAE = "dy = np.sign(y - t) / M * dout, with M elements in the mean."
_HUBER = "The slope is y - t, cut off: np.clip(y - t, -delta, delta)."
_SMOOTH = "The slope is np.clip((y - t) / beta, -1, 1)."

MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "target-not-subtracted",
        "{gradient} comes from y alone: the target is not subtracted",
        _MSE,
        "mean-squared-error",
        _sloped("output"),
    ),
    mutant(
        "output-missing",
        "{gradient} comes from the target alone: y is missing in y - t",
        _MSE,
        "mean-squared-error",
        _sloped("target"),
    ),
    mutant(
        "target-added",
        "{gradient} uses y + t where y - t belongs",
        _MSE,
        "mean-squared-error",
        _sloped("plus"),
    ),
    mutant(
        "derivative-of-absolute",
        "{gradient} is the sign of y - t: that belongs to the absolute error",
        _MSE,
        "mean-squared-error",
        _sloped("sign"),
    ),
    mutant(
        "difference-without-sign",
        "{gradient} uses |y - t|: the sign of the difference is lost",
        _MSE,
        "mean-squared-error",
        _sloped("absolute"),
    ),
    mutant(
        "value-for-derivative",
        "{gradient} is the squared error itself, not its derivative",
        _MSE,
        "mean-squared-error",
        _sloped("square"),
    ),
    mutant(
        "total-for-each",
        "{gradient} has the sum of all differences in every element",
        _MSE,
        "mean-squared-error",
        _sloped("total"),
    ),
    mutant(
        "mean-for-each",
        "{gradient} has the mean of all differences in every element",
        _MSE,
        "mean-squared-error",
        _sloped("mean"),
    ),
    mutant(
        "difference-for-sign",
        "{gradient} uses y - t itself: the derivative of |y - t| is its sign",
        _MAE,
        "mean-absolute-error",
        _sloped("difference"),
    ),
    mutant(
        "value-for-derivative",
        "{gradient} is the absolute error itself, not its derivative",
        _MAE,
        "mean-absolute-error",
        _sloped("size"),
    ),
    mutant(
        "sign-missing",
        "{gradient} is positive everywhere: the sign of y - t is missing",
        _MAE,
        "mean-absolute-error",
        _sloped("constant"),
    ),
    mutant(
        "target-not-subtracted",
        "{gradient} is the sign of y: the target is not subtracted",
        _MAE,
        "mean-absolute-error",
        _sloped("of-output"),
    ),
    mutant(
        "not-cut-off",
        "{gradient} is y - t everywhere: beyond delta the slope must stay at delta",
        _HUBER,
        "huber",
        _huber("clip"),
    ),
    mutant(
        "cut-off-everywhere",
        "{gradient} is delta * sign everywhere: within delta the slope is y - t",
        _HUBER,
        "huber",
        _huber("sign"),
    ),
    mutant(
        "delta-missing",
        "{gradient} has the slope 1 beyond delta: the factor delta is missing",
        _HUBER,
        "huber",
        _huber("delta"),
    ),
    mutant(
        "cut-off-at-one",
        "{gradient} is cut off at 1 instead of at delta",
        _HUBER,
        "huber",
        _huber("one"),
    ),
    mutant(
        "zero-beyond",
        "{gradient} is zero beyond delta: there the loss is a line of slope delta",
        _HUBER,
        "huber",
        _huber("zero"),
    ),
    mutant(
        "sign-missing-beyond",
        "{gradient} has +delta beyond delta on both sides: the sign of y - t is missing",
        _HUBER,
        "huber",
        _huber("unsigned"),
    ),
    mutant(
        "two-within",
        "{gradient} has a factor 2 within delta: the 1/2 of forward cancels it",
        _HUBER,
        "huber",
        _huber("two"),
    ),
    mutant(
        "not-cut-off",
        "{gradient} is (y - t) / beta everywhere: beyond beta the slope must stay at 1",
        _SMOOTH,
        "smooth-l1",
        _smooth("clip"),
    ),
    mutant(
        "cut-off-everywhere",
        "{gradient} is the sign everywhere: within beta the slope is (y - t) / beta",
        _SMOOTH,
        "smooth-l1",
        _smooth("sign"),
    ),
    mutant(
        "beta-missing",
        "{gradient} has the slope y - t within beta: it must be divided by beta",
        _SMOOTH,
        "smooth-l1",
        _smooth("beta"),
    ),
    mutant(
        "huber-for-smooth",
        "{gradient} is the slope of the Huber loss, beta times that of smooth L1",
        _SMOOTH,
        "smooth-l1",
        _smooth("huber"),
    ),
    mutant(
        "zero-beyond",
        "{gradient} is zero beyond beta: there the loss is a line of slope 1",
        _SMOOTH,
        "smooth-l1",
        _smooth("zero"),
    ),
    mutant(
        "sign-missing-beyond",
        "{gradient} has +1 beyond beta on both sides: the sign of y - t is missing",
        _SMOOTH,
        "smooth-l1",
        _smooth("unsigned"),
    ),
    mutant(
        "border-at-one",
        "{gradient} changes from curve to line at 1 instead of at beta",
        _SMOOTH,
        "smooth-l1",
        _smooth("one"),
    ),
)
"""The mistakes, each with its formula."""
