"""Mistakes in the two forms of GELU."""

from __future__ import annotations

import numpy as np

from gradcheck.kinds import find_kind
from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.situation import Situation, situation_of
from gradcheck.subject import Array


def _density(x: Array) -> Array:
    return np.asarray(np.exp(-x * x / 2) / np.sqrt(2 * np.pi))


def _gelu(wanted: str) -> Formula:
    """Mistakes in Phi(x) + x phi(x), with the normal distribution Phi and its density phi."""

    def formula(situation: Situation) -> dict[str, Array]:
        x = situation.arrays["x"]
        phi = _density(x)
        right = situation.again(upstream={"y": np.ones_like(situation.dout)}).gradients["x"]
        capital = right - x * phi
        slopes = {
            "second": capital,
            "first": x * phi,
            "input": capital + phi,
            "exponent": capital + x * np.exp(-x * x) / np.sqrt(2 * np.pi),
            "density": capital + x * np.exp(-x * x / 2) / np.sqrt(np.pi),
        }
        return {"x": situation.dout * slopes[wanted]}

    return formula


def _gelu_tanh(wanted: str) -> Formula:
    """Mistakes in (1 + tanh g) / 2 + x (1 - tanh^2 g) g' / 2, with g = c (x + 0.044715 x^3)."""

    def formula(situation: Situation) -> dict[str, Array]:
        x, c = situation.arrays["x"], np.sqrt(2 / np.pi)
        t = np.tanh(c * (x + 0.044715 * x**3))
        slopes = {
            "second": (1 + t) / 2,
            "inner": (1 + t) / 2 + x / 2 * (1 - t * t),
            "cube": (1 + t) / 2 + x / 2 * (1 - t * t) * c,
            "three": (1 + t) / 2 + x / 2 * (1 - t * t) * c * (1 + 0.044715 * x * x),
            "constant": (1 + t) / 2 + x / 2 * (1 - t * t) * (1 + 3 * 0.044715 * x * x),
        }
        return {"x": situation.dout * slopes[wanted]}

    return formula


def _of_other(kind: str) -> Formula:
    """The student took the derivative of the other form of GELU."""

    def formula(situation: Situation) -> dict[str, Array]:
        other = situation_of(find_kind(kind), situation.arrays, {}, situation.upstream)
        return {} if other is None else dict(other.gradients)

    return formula


_SECOND = "{gradient} lacks the second term of the product rule: x times the inner derivative"
_FIRST = "{gradient} lacks the first term of the product rule"
_GELU = "dx = dout * (Phi(x) + x * phi(x)) with phi(x) = exp(-x**2 / 2) / sqrt(2 pi)."
_TANH_GELU = "With t = tanh(g): 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * g'(x), times dout."

MUTANTS: tuple[Mutant, ...] = (
    mutant("second-term-missing", _SECOND, _GELU, "gelu", _gelu("second")),
    mutant("first-term-missing", _FIRST, _GELU, "gelu", _gelu("first")),
    mutant(
        "factor-x-missing",
        "{gradient} lacks the factor x in the second term of the product rule",
        _GELU,
        "gelu",
        _gelu("input"),
    ),
    mutant(
        "half-in-exponent-missing",
        "the density in {gradient} is exp(-x**2): the 1/2 in the exponent is missing",
        _GELU,
        "gelu",
        _gelu("exponent"),
    ),
    mutant(
        "two-in-root-missing",
        "the density in {gradient} is divided by sqrt(pi) instead of sqrt(2 pi)",
        _GELU,
        "gelu",
        _gelu("density"),
    ),
    mutant(
        "derivative-of-approximation",
        "{gradient} is the derivative of the tanh approximation; forward computes the exact GELU",
        "Use the same form in both passes: here Phi(x) + x * phi(x).",
        "gelu",
        _of_other("gelu-tanh"),
    ),
    mutant("second-term-missing", _SECOND, _TANH_GELU, "gelu-tanh", _gelu_tanh("second")),
    mutant(
        "inner-derivative-missing",
        "{gradient} lacks g'(x), the derivative of what is inside tanh",
        _TANH_GELU,
        "gelu-tanh",
        _gelu_tanh("inner"),
    ),
    mutant(
        "cubic-term-missing",
        "{gradient} lacks the cubic term in the derivative of what is inside tanh",
        "g'(x) = sqrt(2 / pi) * (1 + 3 * 0.044715 * x**2).",
        "gelu-tanh",
        _gelu_tanh("cube"),
    ),
    mutant(
        "factor-three-missing",
        "{gradient} lacks the 3 of the cube's derivative inside tanh",
        "g'(x) = sqrt(2 / pi) * (1 + 3 * 0.044715 * x**2).",
        "gelu-tanh",
        _gelu_tanh("three"),
    ),
    mutant(
        "constant-missing",
        "{gradient} lacks the factor sqrt(2 / pi) in the derivative of what is inside tanh",
        "g'(x) = sqrt(2 / pi) * (1 + 3 * 0.044715 * x**2).",
        "gelu-tanh",
        _gelu_tanh("constant"),
    ),
    mutant(
        "derivative-of-exact-form",
        "{gradient} is the derivative of the exact GELU; forward computes the tanh form",
        "Use the same form in both passes.",
        "gelu-tanh",
        _of_other("gelu"),
    ),
)
"""The mistakes, each with its formula."""
