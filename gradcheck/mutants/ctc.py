"""Mistakes in connectionist temporal classification: dx = share * (y - g) in the frames there."""

from __future__ import annotations

import numpy as np

from gradcheck.mutants.logistic import softmax
from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array


def _share(situation: Situation) -> Array:
    """Return dout over the divisors of the mean, one for each sample."""
    dout = situation.dout
    if situation.options.get("reduction", "mean") == "mean":
        dout = dout / (
            np.maximum(situation.arrays["target_lengths"], 1) * len(situation.arrays["x"])
        )
    return np.broadcast_to(dout, len(situation.arrays["x"]))[:, np.newaxis, np.newaxis]


def _wrong(wanted: str) -> Formula:
    """Mistakes in y - g: probabilities less the expected share of each class."""

    def formula(situation: Situation) -> dict[str, Array]:
        x, share, right = situation.arrays["x"], _share(situation), situation.gradients["x"]
        there = np.arange(x.shape[1]) < situation.arrays["input_lengths"][:, np.newaxis]
        y = softmax(x) * share
        counted = np.where(there[..., np.newaxis], y, 0)
        found = {
            "shares": counted,
            "probabilities": right - counted,
            "padding": np.where(there[..., np.newaxis], right, y),
            "by-probabilities": (right - counted) / softmax(x),
            "softmax-again": softmax(x)
            * (right - (softmax(x) * right).sum(axis=-1, keepdims=True)),
            "blank": right * (np.arange(x.shape[-1]) != 0),
        }
        return {"x": found[wanted]}

    return formula


_RULE = "dx = (y - g) * dout with y = softmax(x), and zero behind the end of each sample."

_TOLD = {
    "shares-not-subtracted": ("shares", "{gradient} is y: the expected shares are not subtracted"),
    "probabilities-missing": ("probabilities", "{gradient} is minus the shares: y is missing"),
    "padding-frames-count": ("padding", "{gradient} is not zero in the frames behind the end"),
    "derivative-by-probabilities": (
        "by-probabilities",
        "{gradient} is -g / y, by the probabilities; the softmax's part is missing",
    ),
    "softmax-again": (
        "softmax-again",
        "{gradient} goes through the softmax once more: y - g contains its part",
    ),
    "blank-missing": ("blank", "{gradient} is zero for the blank; the blank has its share too"),
}

MUTANTS: tuple[Mutant, ...] = tuple(
    mutant(name, text, _RULE, "ctc", _wrong(key)) for name, (key, text) in _TOLD.items()
)
"""The mistakes, each with its formula."""
