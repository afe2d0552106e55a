"""Mistakes in hard activations: straight between two bounds, flat beyond."""

from __future__ import annotations

import numpy as np

from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array


def _one_sided(bound: str) -> Formula:
    """The student checked one of the two bounds of a hard activation only."""

    def formula(situation: Situation) -> dict[str, Array]:
        x, slope = situation.arrays["x"], 1.0
        low, high = situation.options.get("low", -1.0), situation.options.get("high", 1.0)
        if situation.kind.name == "hard-sigmoid":
            slope = situation.options.get("slope", 1 / 6)
            low, high = -0.5 / slope, 0.5 / slope
        kept = {"low": low < x, "high": x < high, "outside": (x <= low) | (high <= x)}[bound]
        return {"x": np.where(kept, slope * situation.dout, 0)}

    return formula


def _fixed_bounds(situation: Situation) -> dict[str, Array]:
    """The student wrote bounds of one where the layer has its own."""
    x = situation.arrays["x"]
    slope = situation.options.get("slope", 1.0)
    return {"x": np.where((x > -1) & (x < 1), slope * situation.dout, 0)}


def _slope_missing(situation: Situation) -> dict[str, Array]:
    """The student kept the mask of the hard sigmoid and forgot its slope."""
    x, slope = situation.arrays["x"], situation.options.get("slope", 1 / 6)
    return {"x": np.where(np.abs(x) < 0.5 / slope, situation.dout, 0)}


_HARD = "Only between the bounds the slope is not zero: mask by both."

MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "upper-bound-ignored",
        "{gradient} passes above the upper bound, where the activation is flat",
        _HARD,
        "hard-tanh hard-sigmoid",
        _one_sided("low"),
    ),
    mutant(
        "lower-bound-ignored",
        "{gradient} passes below the lower bound, where the activation is flat",
        _HARD,
        "hard-tanh hard-sigmoid",
        _one_sided("high"),
    ),
    mutant(
        "mask-upside-down",
        "{gradient} passes outside the bounds and is zero between them",
        _HARD,
        "hard-tanh hard-sigmoid",
        _one_sided("outside"),
    ),
    mutant(
        "bounds-of-one",
        "the mask of {gradient} uses -1 and 1; the bounds of this activation are others",
        _HARD,
        "hard-tanh hard-sigmoid",
        _fixed_bounds,
    ),
    mutant(
        "slope-missing",
        "{gradient} is masked, but not multiplied by the slope of the line",
        "dx = slope * dout between the bounds.",
        "hard-sigmoid",
        _slope_missing,
    ),
)
"""The mistakes, each with its formula."""
