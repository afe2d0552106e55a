"""Mistakes in the formulas of smooth activations: sigmoid, tanh, softplus, SiLU and Mish."""

from __future__ import annotations

import numpy as np

from gradcheck.mutants.logistic import sigmoid
from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array


def _sigmoid(wanted: str) -> Formula:
    """Mistakes in y (1 - y): an input for the output, a factor forgotten."""

    def formula(situation: Situation) -> dict[str, Array]:
        x, y = situation.arrays["x"], situation.y
        slopes = {
            "input": x * (1 - x),
            "complement": 1 - y,
            "square": 1 - y * y,
            "mixed": y * (1 - x),
            "twice": sigmoid(y) * (1 - y),
        }
        return {"x": situation.dout * slopes[wanted]}

    return formula


def _tanh(wanted: str) -> Formula:
    """Mistakes in 1 - y^2: the square forgotten, the input for the output."""

    def formula(situation: Situation) -> dict[str, Array]:
        x, y = situation.arrays["x"], situation.y
        slopes = {
            "linear": 1 - y,
            "input": 1 - x * x,
            "sigmoid": y * (1 - y),
            "product": 1 - x * y,
            "plus": 1 + y * y,
        }
        return {"x": situation.dout * slopes[wanted]}

    return formula


def _beta(situation: Situation) -> tuple[Array, Array, float]:
    """Return x, the sigmoid of beta x, and beta."""
    beta = float(situation.options.get("beta", 1.0))
    x = situation.arrays["x"]
    return x, sigmoid(beta * x), beta


def _softplus(wanted: str) -> Formula:
    """Mistakes in s(beta x)."""

    def formula(situation: Situation) -> dict[str, Array]:
        x, s, beta = _beta(situation)
        slopes = {
            "beta": sigmoid(x),
            "inner": beta * s,
            "logistic": s * (1 - s),
            "sign": sigmoid(-beta * x),
        }
        return {"x": situation.dout * slopes[wanted]}

    return formula


def _silu(wanted: str) -> Formula:
    """Mistakes in s + beta x s (1 - s): a term or a factor forgotten."""

    def formula(situation: Situation) -> dict[str, Array]:
        x, s, beta = _beta(situation)
        slopes = {
            "second": s,
            "first": beta * x * s * (1 - s),
            "beta": s + x * s * (1 - s),
            "input": s + s * (1 - s),
            "sigmoid": s * (1 - s),
            "value": s + beta * x * (1 - s),
            "output": s + situation.y * s * (1 - s),
        }
        return {"x": situation.dout * slopes[wanted]}

    return formula


def _mish(wanted: str) -> Formula:
    """Mistakes in tanh(u) + x (1 - tanh(u)^2) s(x), with u = softplus(x)."""

    def formula(situation: Situation) -> dict[str, Array]:
        x = situation.arrays["x"]
        t, s = np.tanh(np.logaddexp(0, x)), sigmoid(x)
        slopes = {
            "second": t,
            "first": x * (1 - t * t) * s,
            "inner": t + x * (1 - t * t),
            "input": t + (1 - t * t) * s,
        }
        return {"x": situation.dout * slopes[wanted]}

    return formula


_SECOND = "{gradient} lacks the second term of the product rule: x times the inner derivative"
_FIRST = "{gradient} lacks the first term of the product rule"
_SILU = "dx = dout * (s + beta * x * s * (1 - s)) with s = sigmoid(beta * x)."
_MISH = "dx = dout * (t + x * (1 - t**2) * sigmoid(x)) with t = tanh(softplus(x))."
_TAKEN = "dx = dout * y * (1 - y) with the output y of forward."

MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "input-for-output",
        "{gradient} uses x * (1 - x): the formula y * (1 - y) wants the output, not the input",
        _TAKEN,
        "sigmoid",
        _sigmoid("input"),
    ),
    mutant(
        "factor-missing",
        "{gradient} is dout * (1 - y): the factor y is missing",
        _TAKEN,
        "sigmoid",
        _sigmoid("complement"),
    ),
    mutant(
        "derivative-of-tanh",
        "{gradient} uses 1 - y**2, the derivative of tanh",
        _TAKEN,
        "sigmoid",
        _sigmoid("square"),
    ),
    mutant(
        "input-and-output-mixed",
        "{gradient} uses y * (1 - x): both factors want the output y",
        _TAKEN,
        "sigmoid",
        _sigmoid("mixed"),
    ),
    mutant(
        "half-at-output",
        "{gradient} uses sigmoid(y) * (1 - y): the sigmoid is applied once too often",
        _TAKEN,
        "sigmoid",
        _sigmoid("twice"),
    ),
    mutant(
        "square-missing",
        "{gradient} uses 1 - y where 1 - y**2 belongs",
        "dx = dout * (1 - y**2).",
        "tanh",
        _tanh("linear"),
    ),
    mutant(
        "input-for-output",
        "{gradient} uses 1 - x**2: the formula 1 - y**2 wants the output, not the input",
        "dx = dout * (1 - y**2) with the output y of forward.",
        "tanh",
        _tanh("input"),
    ),
    mutant(
        "derivative-of-sigmoid",
        "{gradient} uses y * (1 - y), the derivative of the sigmoid",
        "dx = dout * (1 - y**2).",
        "tanh",
        _tanh("sigmoid"),
    ),
    mutant(
        "input-and-output-mixed",
        "{gradient} uses 1 - x * y: both factors want the output y",
        "dx = dout * (1 - y**2).",
        "tanh",
        _tanh("product"),
    ),
    mutant(
        "plus-for-minus",
        "{gradient} uses 1 + y**2 where 1 - y**2 belongs",
        "dx = dout * (1 - y**2).",
        "tanh",
        _tanh("plus"),
    ),
    mutant(
        "beta-missing",
        "{gradient} uses sigmoid(x): beta is missing inside",
        "dx = dout * sigmoid(beta * x).",
        "softplus",
        _softplus("beta"),
    ),
    mutant(
        "beta-once-too-often",
        "{gradient} has a factor beta too many: the 1/beta of forward cancels it",
        "dx = dout * sigmoid(beta * x).",
        "softplus",
        _softplus("inner"),
    ),
    mutant(
        "derivative-of-sigmoid",
        "{gradient} uses the derivative of the sigmoid; that of softplus is the sigmoid itself",
        "dx = dout * sigmoid(beta * x).",
        "softplus",
        _softplus("logistic"),
    ),
    mutant(
        "sign-inside",
        "{gradient} uses sigmoid(-beta x): the sign inside is wrong",
        "dx = dout * sigmoid(beta * x).",
        "softplus",
        _softplus("sign"),
    ),
    mutant("second-term-missing", _SECOND, _SILU, "silu", _silu("second")),
    mutant("first-term-missing", _FIRST, _SILU, "silu", _silu("first")),
    mutant(
        "beta-missing",
        "{gradient} lacks the factor beta in the second term",
        _SILU,
        "silu",
        _silu("beta"),
    ),
    mutant(
        "factor-x-missing",
        "{gradient} lacks the factor x in the second term of the product rule",
        _SILU,
        "silu",
        _silu("input"),
    ),
    mutant(
        "derivative-of-sigmoid",
        "{gradient} uses the derivative of the sigmoid alone; forward multiplies by x",
        _SILU,
        "silu",
        _silu("sigmoid"),
    ),
    mutant(
        "factor-s-missing",
        "{gradient} lacks the factor sigmoid in the second term, s * (1 - s)",
        _SILU,
        "silu",
        _silu("value"),
    ),
    mutant(
        "output-for-input",
        "{gradient} has y in the second term where x belongs",
        _SILU,
        "silu",
        _silu("output"),
    ),
    mutant("second-term-missing", _SECOND, _MISH, "mish", _mish("second")),
    mutant("first-term-missing", _FIRST, _MISH, "mish", _mish("first")),
    mutant(
        "inner-derivative-missing",
        "{gradient} lacks sigmoid(x), the derivative of the softplus inside",
        _MISH,
        "mish",
        _mish("inner"),
    ),
    mutant(
        "factor-x-missing",
        "{gradient} lacks the factor x in the second term of the product rule",
        _MISH,
        "mish",
        _mish("input"),
    ),
)
"""The mistakes, each with its formula."""
