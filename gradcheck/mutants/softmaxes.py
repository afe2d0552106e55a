"""Mistakes in softmax and log-softmax, whose Jacobian is not diagonal."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.parts import with_ones_upstream
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array


def _axis(situation: Situation) -> int:
    """Return the axis of the classes, counted from the end."""
    ndim, axis = situation.y.ndim, int(situation.options.get("axis", -1))
    return axis if axis < 0 else axis - ndim


def _other_axis(situation: Situation) -> int:
    """Return an axis that is not that of the classes; ValueError where there is none."""
    if situation.y.ndim < 2:
        raise ValueError("there is one axis only")
    return -2 if _axis(situation) == -1 else -1


def _sum(values: Array, axis: int) -> Array:
    return np.asarray(values.sum(axis=axis, keepdims=True))


def _softmax(wanted: str) -> Formula:
    """Mistakes in dx = y (dout - sum(dout y))."""

    def formula(situation: Situation) -> dict[str, Array]:
        y, dout, axis = situation.y, situation.dout, _axis(situation)
        found: dict[str, Callable[[], Array]] = {
            "diagonal": lambda: dout * y * (1 - y),
            "outer": lambda: dout - _sum(dout * y, axis),
            "upstream": lambda: y * (dout - _sum(y, axis)),
            "output": lambda: y * (dout - _sum(dout, axis)),
            "axis": lambda: y * (dout - _sum(dout * y, _other_axis(situation))),
            "whole": lambda: y * (dout - (dout * y).sum()),
            "off": lambda: -y * _sum(dout * y, axis),
            "plain": lambda: dout * y,
            "log": lambda: dout - y * _sum(dout, axis),
            "sign": lambda: y * (dout + _sum(dout * y, axis)),
            "mean": lambda: y * (dout - np.mean(dout * y, axis=axis, keepdims=True)),
            "square": lambda: dout * y - y * y * _sum(dout, axis),
            "passed": lambda: dout,
        }
        return {"x": found[wanted]()}

    return formula


def _log_softmax(wanted: str) -> Formula:
    """Mistakes in dx = dout - e^y sum(dout)."""

    def formula(situation: Situation) -> dict[str, Array]:
        y, dout, axis = situation.y, situation.dout, _axis(situation)
        p = np.exp(y)
        found: dict[str, Callable[[], Array]] = {
            "log": lambda: dout - y * _sum(dout, axis),
            "sum": lambda: dout * (1 - p),
            "one": lambda: dout - p,
            "softmax": lambda: p * (dout - _sum(dout * p, axis)),
            "axis": lambda: dout - p * _sum(dout, _other_axis(situation)),
            "whole": lambda: dout - p * dout.sum(),
            "mean": lambda: dout - p * np.mean(dout, axis=axis, keepdims=True),
            "probabilities": lambda: dout - _sum(dout * p, axis),
            "sign": lambda: dout + p * _sum(dout, axis),
            "passed": lambda: dout,
            "divided": lambda: dout / p,
        }
        return {"x": found[wanted]()}

    return formula


_SOFTMAX = "dx = y * (dout - (dout * y).sum(axis, keepdims=True)) along the axis of the classes."
_LOG = "dx = dout - exp(y) * dout.sum(axis, keepdims=True) along the axis of the classes."

_TOLD = {
    "softmax-diagonal": ("diagonal", "{gradient} uses y * (1 - y): the diagonal alone"),
    "outer-factor-missing": ("outer", "{gradient} lacks the factor y in front of the bracket"),
    "upstream-missing-in-sum": ("upstream", "the sum in {gradient} lacks dout: it is that of y"),
    "output-missing-in-sum": ("output", "the sum in {gradient} lacks y: it is that of dout alone"),
    "sum-over-wrong-axis": ("axis", "the sum in {gradient} runs over the wrong axis"),
    "sum-over-everything": ("whole", "the sum in {gradient} runs over the batch as well"),
    "direct-term-missing": ("off", "{gradient} lacks the direct term y * dout"),
    "sum-missing": ("plain", "{gradient} is dout * y: the sum over the classes is missing"),
    "formula-of-log-softmax": ("log", "{gradient} follows the formula of log-softmax"),
    "sum-with-wrong-sign": (
        "sign",
        "the sum over the classes in {gradient} is added, not taken off",
    ),
    "mean-for-sum": ("mean", "{gradient} takes the mean over the classes where the sum belongs"),
    "one-factor-in-wrong-place": (
        "square",
        "the sum in {gradient} has y outside, twice, not inside",
    ),
    "derivative-missing": ("passed", "{gradient} is dout as it came: the derivative is missing"),
}
_LOG_TOLD = {
    "output-for-probability": ("log", "{gradient} uses the output y where exp(y) belongs"),
    "sum-missing": ("sum", "{gradient} is dout * (1 - exp(y)): the sum over dout is missing"),
    "upstream-missing-in-sum": ("one", "{gradient} is dout - exp(y): the sum of dout is missing"),
    "formula-of-softmax": ("softmax", "{gradient} follows the formula of the plain softmax"),
    "sum-over-wrong-axis": ("axis", "the sum in {gradient} runs over the wrong axis"),
    "sum-over-everything": ("whole", "the sum in {gradient} runs over the batch as well"),
    "mean-for-sum": ("mean", "{gradient} takes the mean of dout where the sum belongs"),
    "factor-inside-sum": ("probabilities", "{gradient} has exp(y) inside the sum, not outside"),
    "sum-with-wrong-sign": (
        "sign",
        "the sum over the classes in {gradient} is added, not taken off",
    ),
    "derivative-missing": ("passed", "{gradient} is dout as it came: the derivative is missing"),
    "derivative-of-log-alone": (
        "divided",
        "{gradient} is dout / p: only the log is differentiated",
    ),
}

MUTANTS: tuple[Mutant, ...] = (
    *(
        mutant(name, text, _SOFTMAX, "softmax", _softmax(key))
        for name, (key, text) in _TOLD.items()
    ),
    *(
        mutant(name, text, _LOG, "log-softmax", _log_softmax(key))
        for name, (key, text) in _LOG_TOLD.items()
    ),
    mutant(
        "upstream-ignored",
        "{gradient} does not use dout; for an upstream of ones the right one would be zero",
        _SOFTMAX,
        "softmax",
        lambda s: {"x": s.y * (1 - s.y)},
    ),
    mutant(
        "upstream-ignored",
        "{gradient} does not use dout: it is as if dout were ones",
        _LOG,
        "log-softmax",
        with_ones_upstream,
    ),
)
"""The mistakes, each with its formula."""
