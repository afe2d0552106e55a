"""Mistakes in PReLU: of the side its slope acts on, and of the gradient of that slope."""

from __future__ import annotations

import numpy as np

from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.parts import parameters_of
from gradcheck.mutants.rectifiers import ONE, ZERO, by_side
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array


def _slopes(situation: Situation) -> Array:
    """Return the learned slopes of PReLU so that they meet x."""
    x, a = situation.arrays["x"], situation.arrays["a"]
    return a.reshape(()) if a.size == 1 else a.reshape(-1, *[1] * (x.ndim - 2))


def _learned(situation: Situation) -> dict[str, Array]:
    return {"x": np.broadcast_to(_slopes(situation), situation.dout.shape)}


def _gradient_of_slopes(wanted: str) -> Formula:
    """Mistakes in da, the sum of dout x over the places with x <= 0."""

    def formula(situation: Situation) -> dict[str, Array]:
        x, a, dout = situation.arrays["x"], situation.arrays["a"], situation.dout
        terms = {
            "mask": dout * x,
            "side": np.where(x > 0, dout * x, 0),
            "input": np.where(x > 0, 0, dout),
            "output": np.where(x > 0, 0, dout * situation.y),
            "upstream": np.where(x > 0, 0, x),
        }
        axes = tuple(axis for axis in range(x.ndim) if a.size == 1 or axis != 1)
        return {"a": terms[wanted].sum(axis=axes).reshape(a.shape)}

    return formula


def _total_of_slopes(situation: Situation) -> dict[str, Array]:
    """The student summed over the channels too, and every slope got the total."""
    return {"a": np.full_like(situation.arrays["a"], situation.gradients["a"].sum())}


_PRELU = "dx = np.where(x > 0, dout, a * dout)."
_DA = "da = (dout * x * (x <= 0)) summed over all axes but that of the channels."

MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "slope-on-wrong-side",
        "{gradient} has the slope a where x > 0 and one where x <= 0: sides exchanged",
        _PRELU,
        "prelu",
        by_side(ONE, _learned),
    ),
    mutant(
        "slope-everywhere",
        "{gradient} is multiplied by a on both sides; it belongs to x <= 0 only",
        _PRELU,
        "prelu",
        by_side(_learned, _learned),
    ),
    mutant(
        "left-side-zero",
        "{gradient} is zero where x <= 0, as for a plain ReLU; the slope there is a",
        _PRELU,
        "prelu",
        by_side(ZERO, ONE),
    ),
    mutant(
        "mask-missing-in-slopes",
        "{gradient} sums dout * x everywhere; only the places with x <= 0 count",
        _DA,
        "prelu",
        _gradient_of_slopes("mask"),
    ),
    mutant(
        "slopes-from-wrong-side",
        "{gradient} sums the places with x > 0; the slope acts where x <= 0",
        _DA,
        "prelu",
        _gradient_of_slopes("side"),
    ),
    mutant(
        "input-missing-in-slopes",
        "{gradient} sums dout alone; each term must be multiplied by x",
        _DA,
        "prelu",
        _gradient_of_slopes("input"),
    ),
    mutant(
        "output-for-input-in-slopes",
        "{gradient} sums dout * y where dout * x belongs",
        _DA,
        "prelu",
        _gradient_of_slopes("output"),
    ),
    mutant(
        "upstream-missing-in-slopes",
        "{gradient} sums x alone; each term must be multiplied by dout",
        _DA,
        "prelu",
        _gradient_of_slopes("upstream"),
    ),
    mutant(
        "slopes-share-total",
        "{gradient} has the sum over all channels in every element; each slope has its own",
        _DA,
        "prelu",
        _total_of_slopes,
    ),
    mutant(
        "slopes-of-last-sample",
        "{gradient} comes from the last sample only: overwritten in the loop, not summed",
        _DA,
        "prelu",
        parameters_of("N", slice(-1, None)),
    ),
)
"""The mistakes, each with its formula."""
