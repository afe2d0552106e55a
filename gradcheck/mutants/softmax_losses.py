"""Mistakes in the softmax cross-entropy, of one label per sample or per time step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gradcheck.mutants.logistic import softmax
from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.parts import with_ones_upstream
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array


@dataclass(frozen=True)
class _Parts:
    """What the gradient is made of: dx = share * (p * sum(q) - q)."""

    x: Array
    p: Array
    t: Array  # one-hot, all of the labels
    counted: Array  # one for the rows that count
    weight: Array
    smoothing: float
    share: Array  # dout over the divisor, so that it meets x


def _parts(situation: Situation) -> _Parts:
    x, labels, options = situation.arrays["x"], situation.arrays["t"], situation.options
    C = x.shape[-1]
    given_as_rows = labels.ndim == x.ndim
    t = labels if given_as_rows else np.eye(C)[labels]
    ignored = options.get("ignore_index", options.get("ignore_label"))
    kept = np.ones(x.shape[:-1]) if given_as_rows or ignored is None else labels != ignored
    counted = np.asarray(kept, float)[..., np.newaxis]
    weight = situation.arrays.get("weight", np.ones(C))
    divisor = float(np.prod(x.shape[:-1])) if given_as_rows else float((weight * t * counted).sum())
    mean = options.get("reduction", "mean") == "mean"
    dout = situation.dout if situation.dout.ndim == 0 else situation.dout[..., np.newaxis]
    share = np.asarray(dout / (divisor if mean and divisor else 1.0))
    return _Parts(x, softmax(x), t, counted, weight, options.get("label_smoothing", 0.0), share)


def _right(
    parts: _Parts,
    *,
    weight: Array | None = None,
    smoothing: float | None = None,
    counted: Array | None = None,
) -> Array:
    """Return the right gradient, or that with some of its parts left out."""
    s = parts.smoothing if smoothing is None else smoothing
    q = (1 - s) * parts.t + s / parts.t.shape[-1] * parts.t.sum(axis=-1, keepdims=True)
    q = q * (parts.weight if weight is None else weight)
    q = q * (parts.counted if counted is None else counted)
    return np.asarray(parts.share * (parts.p * q.sum(axis=-1, keepdims=True) - q))


def _columns_of_labels(parts: _Parts) -> Array:
    """The student wrote p[:, t] -= 1, which subtracts from every row."""
    return np.broadcast_to(parts.t.any(axis=0), parts.t.shape)


_PLAIN: dict[str, Callable[[_Parts], Array]] = {
    "target": lambda the: the.p,
    "scores": lambda the: the.x - the.t,
    "label": lambda the: (the.p - 1) * the.t,
    "slope": lambda the: (the.p - the.t) * the.p * (1 - the.p),
    "cross-entropy": lambda the: -the.t / the.p,
    "log": lambda the: np.log(the.p) - the.t,
    "one": lambda the: the.p - 1,
    "columns": lambda the: the.p - _columns_of_labels(the),
    "plus": lambda the: the.p + the.t,
    "softmax": lambda the: -the.t,
    "exponential": lambda the: np.exp(the.x) - the.t,
    "sigmoid": lambda the: 1 / (1 + np.exp(-the.x)) - the.t,
}


def _plain(wanted: str) -> Formula:
    """A wrong slope for p - t, weighted and divided as the right one is."""

    def formula(situation: Situation) -> dict[str, Array]:
        the = _parts(situation)
        row = (the.t * the.weight).sum(axis=-1, keepdims=True) * the.counted
        return {"x": the.share * row * _PLAIN[wanted](the)}

    return formula


def _weights_ignored(situation: Situation) -> dict[str, Array]:
    """The student left the class weights out of backward."""
    the = _parts(situation)
    return {"x": _right(the, weight=np.ones_like(the.weight))}


def _weights_by_column(situation: Situation) -> dict[str, Array]:
    """The student weighted each column, not each row by the weight of its label."""
    the = _parts(situation)
    return {"x": the.weight * _right(the, weight=np.ones_like(the.weight))}


def _smoothing_ignored(situation: Situation) -> dict[str, Array]:
    """The student subtracted the hard target where forward smoothed it."""
    return {"x": _right(_parts(situation), smoothing=0.0)}


def _ignored_rows_count(situation: Situation) -> dict[str, Array]:
    """The student did not set the rows of ignored labels to zero."""
    the = _parts(situation)
    return {"x": _right(the, counted=np.ones_like(the.counted))}


def _only_last_step(situation: Situation) -> dict[str, Array]:
    """The student took the loss of the last time step only."""
    dx = np.zeros_like(situation.gradients["x"])
    dx[:, -1] = situation.gradients["x"][:, -1]
    return {"x": dx}


_BOTH = "softmax-with-loss time-softmax-with-loss"
_REPAIR = "dx = (p - t) / N * dout with p = softmax(x), t one-hot."

_TOLD = {
    "target-not-subtracted": ("target", "{gradient} is p: the target is not subtracted"),
    "softmax-missing": ("scores", "{gradient} is x - t: the softmax of x belongs before the minus"),
    "only-label-entry": (
        "label",
        "{gradient} is zero but for the label's entry; the other entries get p",
    ),
    "softmax-derivative-again": (
        "slope",
        "{gradient} has a factor p * (1 - p) too many: p - t contains the softmax's part",
    ),
    "derivative-by-probabilities": (
        "cross-entropy",
        "{gradient} is -t / p, by the probabilities; the softmax's part is missing",
    ),
    "logarithm-too-many": ("log", "{gradient} has log(p) where p belongs"),
    "one-from-every-entry": (
        "one",
        "{gradient} is p - 1 everywhere; 1 belongs to the label's entry",
    ),
    "label-column-of-every-row": (
        "columns",
        "{gradient} subtracts 1 in the labels' columns of every row",
    ),
    "target-added": ("plus", "{gradient} is p + t where p - t belongs"),
    "probabilities-missing": ("softmax", "{gradient} is -t: the probabilities p are missing"),
    "softmax-not-normalised": (
        "exponential",
        "{gradient} uses exp(x) that is not divided by its sum",
    ),
    "sigmoid-for-softmax": (
        "sigmoid",
        "{gradient} uses the sigmoid of x where the softmax belongs",
    ),
}
_REPAIRS = {
    "columns": "Index rows and columns together: p[np.arange(N), t] -= 1.",
    "label": "Start from all of p, and subtract 1 at the label: p[np.arange(N), t] -= 1.",
    "one": "p[np.arange(N), t] -= 1.",
}

MUTANTS: tuple[Mutant, ...] = (
    *(
        mutant(name, text, _REPAIRS.get(key, _REPAIR), _BOTH, _plain(key))
        for name, (key, text) in _TOLD.items()
    ),
    mutant(
        "upstream-ignored",
        "{gradient} is not multiplied by dout, the gradient of the loss itself",
        _REPAIR,
        _BOTH,
        with_ones_upstream,
    ),
    mutant(
        "ignored-rows-count",
        "{gradient} is not zero in the rows whose label is to be ignored",
        "Multiply by the mask of the labels that count.",
        _BOTH,
        _ignored_rows_count,
    ),
    mutant(
        "class-weights-ignored",
        "{gradient} lacks the class weights that forward uses",
        "Multiply each row by the weight of its label.",
        "softmax-with-loss",
        _weights_ignored,
    ),
    mutant(
        "class-weights-by-column",
        "{gradient} weights each column; each row must get the weight of its label",
        "Multiply row n by weight[t[n]]: weight[t][:, np.newaxis].",
        "softmax-with-loss",
        _weights_by_column,
    ),
    mutant(
        "smoothing-ignored",
        "{gradient} subtracts the hard target; forward smoothed it",
        "Subtract the smoothed target in backward too.",
        "softmax-with-loss",
        _smoothing_ignored,
    ),
    mutant(
        "only-last-step",
        "{gradient} is zero but for the last time step; every step has a label",
        "Give every step its part: (p - t) / M for all of them.",
        "time-softmax-with-loss",
        _only_last_step,
    ),
)
"""The mistakes, each with its formula."""
