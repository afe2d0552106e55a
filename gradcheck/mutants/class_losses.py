"""Mistakes in losses of probabilities: cross-entropy, its logarithm, the divergence."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.parts import with_ones_upstream
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array

_Slope = Callable[[Array, Array], Array]


def _one_hot(scores: Array, t: Array) -> Array:
    return t if t.ndim == scores.ndim else np.eye(scores.shape[-1])[t]


def _cross_entropy(slope: _Slope) -> Formula:
    """A wrong slope for -t / p, divided by the rows as the right one is."""

    def formula(situation: Situation) -> dict[str, Array]:
        p = situation.arrays["p"]
        t = _one_hot(p, situation.arrays["t"])
        return {"p": situation.dout / (len(p) if p.ndim == 2 else 1) * slope(p, t)}

    return formula


def _likelihood(slope: _Slope) -> Formula:
    """A wrong slope for -t of log-probabilities x; rows weighted as the right ones are."""

    def formula(situation: Situation) -> dict[str, Array]:
        x, t = situation.arrays["x"], _one_hot(situation.arrays["x"], situation.arrays["t"])
        row = -situation.gradients["x"].sum(axis=-1, keepdims=True)  # weight, divisor and dout
        return {"x": row * slope(x, t)}

    return formula


def _unweighted(situation: Situation) -> dict[str, Array]:
    """The student left the class weights out of backward."""
    if "weight" not in situation.arrays:
        return {}
    weight = situation.arrays["weight"]
    return {"x": situation.gradients["x"] / weight}


def _ignored_rows_count(situation: Situation) -> dict[str, Array]:
    """The student did not set the rows of ignored labels to zero."""
    x, labels, options = situation.arrays["x"], situation.arrays["t"], situation.options
    ignored = options.get("ignore_index")
    if ignored is None:
        return {}
    t = _one_hot(x, labels) * situation.arrays.get("weight", np.ones(x.shape[-1]))
    divisor = t[labels != ignored].sum() if options.get("reduction", "mean") == "mean" else 1.0
    return {"x": -situation.dout[..., np.newaxis] / (divisor or 1.0) * t}


def _divergence(slope: _Slope) -> Formula:
    """A wrong slope for -t of log-probabilities x, divided as the right one is."""

    def formula(situation: Situation) -> dict[str, Array]:
        x, t = situation.arrays["x"], situation.arrays["t"]
        rows = len(x) if x.ndim > 1 else 1
        reduction = situation.options.get("reduction", "batchmean")
        count = {"batchmean": rows, "mean": x.size}.get(reduction, 1)
        return {"x": situation.dout / count * slope(x, t)}

    return formula


_CE = "dp = -t / p / N * dout."
_NLL = "dx = -t / N * dout with t one-hot: x is a logarithm already."
_KL = "dx = -t / N * dout: t * log(t) does not depend on x, and x is a logarithm already."

MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "upstream-ignored",
        "{gradient} is not multiplied by dout, the gradient of the loss itself",
        "Multiply by dout: it is one only where nothing follows the loss.",
        "cross-entropy negative-log-likelihood sigmoid-with-loss kl-divergence hinge "
        "multiclass-hinge mean-squared-error mean-absolute-error huber smooth-l1 ctc "
        "negative-sampling",
        with_ones_upstream,
    ),
    mutant(
        "derivative-by-scores",
        "{gradient} is p - t, by the scores before a softmax; asked for is that by p",
        _CE,
        "cross-entropy",
        _cross_entropy(lambda p, t: p - t),
    ),
    mutant(
        "division-missing",
        "{gradient} is -t: it must be divided by p",
        _CE,
        "cross-entropy",
        _cross_entropy(lambda p, t: -t),
    ),
    mutant(
        "derivative-of-yes-or-no",
        "{gradient} is (p - t) / (p (1 - p)), that of the binary loss",
        _CE,
        "cross-entropy",
        _cross_entropy(lambda p, t: (p - t) / (p * (1 - p))),
    ),
    mutant(
        "target-missing",
        "{gradient} is -1 / p in every entry: the target t is missing",
        _CE,
        "cross-entropy",
        _cross_entropy(lambda p, t: -1 / p),
    ),
    mutant(
        "logarithm-for-quotient",
        "{gradient} is -t * log(p), the loss itself, not its derivative",
        _CE,
        "cross-entropy",
        _cross_entropy(lambda p, t: -t * np.log(p)),
    ),
    mutant(
        "multiplied-for-divided",
        "{gradient} is -t * p: it must be divided by p",
        _CE,
        "cross-entropy",
        _cross_entropy(lambda p, t: -t * p),
    ),
    mutant(
        "square-in-quotient",
        "{gradient} divides by p squared",
        _CE,
        "cross-entropy",
        _cross_entropy(lambda p, t: -t / (p * p)),
    ),
    mutant(
        "derivative-by-scores",
        "{gradient} is exp(x) - t, by the scores before a log-softmax; asked for is that by x",
        _NLL,
        "negative-log-likelihood",
        _likelihood(lambda x, t: np.exp(x) - t),
    ),
    mutant(
        "divided-by-log-probability",
        "{gradient} is -t / x: that of log(x), but x is a logarithm already",
        _NLL,
        "negative-log-likelihood",
        _likelihood(lambda x, t: -t / x),
    ),
    mutant(
        "divided-by-probability",
        "{gradient} is -t / exp(x), by the probabilities; asked for is that by x",
        _NLL,
        "negative-log-likelihood",
        _likelihood(lambda x, t: -t / np.exp(x)),
    ),
    mutant(
        "every-entry",
        "{gradient} is -1 in every entry; only the label's entry counts",
        _NLL,
        "negative-log-likelihood",
        _likelihood(lambda x, t: -np.ones_like(x)),
    ),
    mutant(
        "times-log-probability",
        "{gradient} is -t * x, the loss itself, not its derivative",
        _NLL,
        "negative-log-likelihood",
        _likelihood(lambda x, t: -t * x),
    ),
    mutant(
        "class-weights-ignored",
        "{gradient} lacks the class weights that forward uses",
        "Multiply each row by the weight of its label.",
        "negative-log-likelihood",
        _unweighted,
    ),
    mutant(
        "ignored-rows-count",
        "{gradient} is not zero in the rows whose label is to be ignored",
        "Multiply by the mask of the labels that count.",
        "negative-log-likelihood",
        _ignored_rows_count,
    ),
    mutant(
        "derivative-by-scores",
        "{gradient} is exp(x) - t, by the scores before a log-softmax; asked for is that by x",
        _KL,
        "kl-divergence",
        _divergence(lambda x, t: np.exp(x) - t),
    ),
    mutant(
        "divided-by-probability",
        "{gradient} is -t / exp(x), by the probabilities; asked for is that by x",
        _KL,
        "kl-divergence",
        _divergence(lambda x, t: -t / np.exp(x)),
    ),
    mutant(
        "divided-by-log-probability",
        "{gradient} is -t / x: that of log(x), but x is a logarithm already",
        _KL,
        "kl-divergence",
        _divergence(lambda x, t: -t / x),
    ),
    mutant(
        "derivative-by-target",
        "{gradient} is log(t) + 1 - x, the derivative by the target t; asked for is that by x",
        _KL,
        "kl-divergence",
        _divergence(lambda x, t: np.log(t) + 1 - x),
    ),
    mutant(
        "value-for-derivative",
        "{gradient} is t * (log(t) - x), the loss itself, not its derivative",
        _KL,
        "kl-divergence",
        _divergence(lambda x, t: t * (np.log(t) - x)),
    ),
    mutant(
        "roles-exchanged",
        "{gradient} is exp(x) * (x - log(t) + 1): that of the divergence the other way round",
        _KL,
        "kl-divergence",
        _divergence(lambda x, t: np.exp(x) * (x - np.log(t) + 1)),
    ),
)
"""The mistakes, each with its formula."""
