"""Mistakes in rectifiers: ReLU, leaky ReLU, ELU and SELU."""

from __future__ import annotations

import numpy as np

from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array

_SCALE, _ALPHA = 1.0507009873554805, 1.6732632423543772  # those of SELU


def by_side(left: Formula, right: Formula) -> Formula:
    """The slope for x <= 0 and the slope for x > 0, as the student has them."""

    def formula(situation: Situation) -> dict[str, Array]:
        x = situation.arrays["x"]
        slope = np.where(x > 0, right(situation)["x"], left(situation)["x"])
        return {"x": situation.dout * slope}

    return formula


def _constant(value: float) -> Formula:
    return lambda situation: {"x": np.full_like(situation.dout, value)}


def _alpha(situation: Situation) -> dict[str, Array]:
    return {"x": np.full_like(situation.dout, situation.options.get("alpha", 0.01))}


def _curve(situation: Situation) -> dict[str, Array]:
    """The slope alpha e^x of ELU's left side."""
    alpha = situation.options.get("alpha", 1.0)
    return {"x": alpha * np.exp(np.minimum(situation.arrays["x"], 0))}


def _curve_without_alpha(situation: Situation) -> dict[str, Array]:
    return {"x": np.exp(np.minimum(situation.arrays["x"], 0))}


def _value_of_curve(situation: Situation) -> dict[str, Array]:
    """The value of ELU's left side where its slope belongs."""
    return {"x": situation.y}


def _alpha_for_curve(situation: Situation) -> dict[str, Array]:
    return {"x": np.full_like(situation.dout, situation.options.get("alpha", 1.0))}


def _selu_curve(situation: Situation) -> dict[str, Array]:
    return {"x": _SCALE * _ALPHA * np.exp(np.minimum(situation.arrays["x"], 0))}


def _selu_curve_unscaled(situation: Situation) -> dict[str, Array]:
    return {"x": _ALPHA * np.exp(np.minimum(situation.arrays["x"], 0))}


ONE, ZERO = _constant(1.0), _constant(0.0)
_LEAKY = "dx = np.where(x > 0, dout, alpha * dout)."
_ELU = "dx = np.where(x > 0, dout, alpha * exp(x) * dout)."
_SELU = "dx = scale * np.where(x > 0, dout, alpha * exp(x) * dout)."

MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "mask-on-wrong-side",
        "{gradient} is zero where x > 0 and passes where x <= 0: the mask is upside down",
        "dx = dout * (x > 0).",
        "relu",
        by_side(ONE, ZERO),
    ),
    mutant(
        "sign-for-mask",
        "{gradient} has -dout where x <= 0: the mask is the sign of x, not 0 and 1",
        "dx = dout * (x > 0).",
        "relu",
        by_side(_constant(-1.0), ONE),
    ),
    mutant(
        "slope-on-wrong-side",
        "{gradient} has the slope alpha where x > 0 and one where x <= 0: sides exchanged",
        _LEAKY,
        "leaky-relu",
        by_side(ONE, _alpha),
    ),
    mutant(
        "slope-everywhere",
        "{gradient} is multiplied by alpha on both sides; it belongs to x <= 0 only",
        _LEAKY,
        "leaky-relu",
        by_side(_alpha, _alpha),
    ),
    mutant(
        "left-side-zero",
        "{gradient} is zero where x <= 0, as for a plain ReLU; the slope there is alpha",
        _LEAKY,
        "leaky-relu",
        by_side(ZERO, ONE),
    ),
    mutant(
        "slope-without-upstream",
        "{gradient} is alpha itself where x <= 0: it is not multiplied by dout there",
        _LEAKY,
        "leaky-relu",
        lambda s: {"x": np.where(s.arrays["x"] > 0, s.dout, _alpha(s)["x"])},
    ),
    mutant(
        "left-side-zero",
        "{gradient} is zero where x <= 0, as for a plain ReLU",
        _ELU,
        "elu",
        by_side(ZERO, ONE),
    ),
    mutant(
        "alpha-missing",
        "{gradient} lacks the factor alpha where x <= 0",
        _ELU,
        "elu",
        by_side(_curve_without_alpha, ONE),
    ),
    mutant(
        "value-for-slope",
        "{gradient} has alpha * (exp(x) - 1) where x <= 0: that is the value, not its slope",
        _ELU,
        "elu",
        by_side(_value_of_curve, ONE),
    ),
    mutant(
        "exponential-missing",
        "{gradient} has alpha alone where x <= 0: the factor exp(x) is missing",
        _ELU,
        "elu",
        by_side(_alpha_for_curve, ONE),
    ),
    mutant(
        "sides-exchanged",
        "{gradient} has exp(x) where x > 0 and one where x <= 0: sides exchanged",
        _ELU,
        "elu",
        lambda s: {
            "x": s.dout
            * np.where(s.arrays["x"] > 0, s.options.get("alpha", 1.0) * np.exp(s.arrays["x"]), 1)
        },
    ),
    mutant(
        "scale-missing-right",
        "{gradient} lacks the factor scale where x > 0",
        _SELU,
        "selu",
        by_side(_selu_curve, ONE),
    ),
    mutant(
        "scale-missing-left",
        "{gradient} lacks the factor scale where x <= 0",
        _SELU,
        "selu",
        by_side(_selu_curve_unscaled, _constant(_SCALE)),
    ),
    mutant(
        "value-for-slope",
        "{gradient} has the value of the activation where x <= 0, not its slope",
        _SELU,
        "selu",
        by_side(_value_of_curve, _constant(_SCALE)),
    ),
    mutant(
        "left-side-zero",
        "{gradient} is zero where x <= 0, as for a plain ReLU",
        _SELU,
        "selu",
        by_side(ZERO, _constant(_SCALE)),
    ),
)
"""The mistakes, each with its formula."""
