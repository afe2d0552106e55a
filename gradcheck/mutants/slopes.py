"""Mistakes that any activation can have: what becomes of dout * slope, whatever the slope is."""

from __future__ import annotations

import numpy as np

from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.parts import with_ones_upstream
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array

_CURVED = "sigmoid tanh softplus silu mish gelu gelu-tanh elu selu exp"
_STRAIGHT = "relu leaky-relu prelu hard-tanh hard-sigmoid log"


def slope(situation: Situation) -> Array:
    """Return the derivative of y, element by element: the gradient for an upstream of ones."""
    return with_ones_upstream(situation)["x"]


def times(factor: Formula) -> Formula:
    """Return the formula dx = dout * factor; ``factor`` names it "x"."""
    return lambda situation: {"x": situation.dout * factor(situation)["x"]}


def _derivative_missing(situation: Situation) -> dict[str, Array]:
    """The student passed dout on as it came."""
    return {"x": situation.dout}


def _upstream_ignored(situation: Situation) -> dict[str, Array]:
    """The student returned the derivative alone."""
    return {"x": slope(situation)}


def _value_for_derivative(situation: Situation) -> dict[str, Array]:
    """The student multiplied dout by the output of forward, not by its derivative."""
    return {"x": situation.dout * situation.y}


def _derivative_at_output(situation: Situation) -> dict[str, Array]:
    """The student kept y and put it into the derivative, which is a function of x."""
    return {"x": situation.dout * slope(situation.again(arrays={"x": situation.y}))}


def _derivative_at_upstream(situation: Situation) -> dict[str, Array]:
    """The student put dout into the derivative in the place of x."""
    return {"x": situation.dout * slope(situation.again(arrays={"x": situation.dout}))}


def _derivative_twice(situation: Situation) -> dict[str, Array]:
    """The student multiplied by the derivative twice, in two places of the code."""
    return {"x": situation.gradients["x"] * slope(situation)}


def _function_of_upstream(situation: Situation) -> dict[str, Array]:
    """The student applied the activation to dout."""
    return {"x": situation.again(arrays={"x": situation.dout}).y}


def _derivative_of_upstream(situation: Situation) -> dict[str, Array]:
    """The student put dout into the derivative, and multiplied by nothing."""
    return {"x": slope(situation.again(arrays={"x": situation.dout}))}


def _divided_by_derivative(situation: Situation) -> dict[str, Array]:
    """The student divided dout by the derivative."""
    return {"x": situation.dout / slope(situation)}


def _added(situation: Situation) -> dict[str, Array]:
    """The student added the derivative to dout."""
    return {"x": situation.dout + slope(situation)}


def _masked_by_upstream(situation: Situation) -> dict[str, Array]:
    """The student masked by the sign of dout, not of x."""
    return {"x": np.maximum(situation.dout, np.zeros_like(situation.dout))}


MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "derivative-missing",
        "{gradient} is dout as it came: the derivative of the activation is missing",
        "Multiply dout by the derivative, element by element.",
        f"{_CURVED} {_STRAIGHT}",
        _derivative_missing,
    ),
    mutant(
        "upstream-ignored",
        "{gradient} is the derivative alone: it is not multiplied by the upstream gradient",
        "dx = dout * derivative.",
        f"{_CURVED} {_STRAIGHT}",
        _upstream_ignored,
    ),
    mutant(
        "value-for-derivative",
        "{gradient} is dout times the output of forward, where its derivative belongs",
        "Multiply dout by the derivative of the activation, not by its value.",
        f"{_CURVED} {_STRAIGHT}".replace(" exp", ""),
        _value_for_derivative,
    ),
    mutant(
        "derivative-at-output",
        "the derivative in {gradient} is taken at the output y instead of at the input x",
        "Keep x in forward, or use the formula of the derivative in terms of y.",
        _CURVED,
        _derivative_at_output,
    ),
    mutant(
        "derivative-at-upstream",
        "the derivative in {gradient} is taken at dout instead of at the input x",
        "Keep x (or y) in forward, and take the derivative there.",
        f"{_CURVED} hard-tanh hard-sigmoid",
        _derivative_at_upstream,
    ),
    mutant(
        "derivative-twice",
        "{gradient} is multiplied by the derivative twice",
        "Multiply by the derivative once; look for a second place that does it too.",
        f"{_CURVED} leaky-relu hard-sigmoid",
        _derivative_twice,
    ),
    mutant(
        "activation-of-upstream",
        "{gradient} is the activation applied to dout; backward needs its derivative at x",
        "dx = dout * derivative(x).",
        "sigmoid tanh softplus silu gelu elu leaky-relu exp",
        _function_of_upstream,
    ),
    mutant(
        "derivative-of-upstream",
        "{gradient} is the derivative taken at dout; it must be dout times that at x",
        "dx = dout * derivative(x).",
        "sigmoid tanh relu leaky-relu elu",
        _derivative_of_upstream,
    ),
    mutant(
        "divided-by-derivative",
        "{gradient} is divided by the derivative instead of multiplied",
        "dx = dout * derivative(x).",
        "sigmoid tanh exp softplus",
        _divided_by_derivative,
    ),
    mutant(
        "derivative-added",
        "the derivative is added to dout in {gradient} instead of multiplied",
        "dx = dout * derivative(x).",
        "sigmoid tanh relu exp",
        _added,
    ),
    mutant(
        "masked-by-upstream",
        "{gradient} is zero where dout is negative; the mask must come from the sign of x",
        "Keep the mask x > 0 in forward: dx = dout * mask.",
        "relu",
        _masked_by_upstream,
    ),
)
"""The mistakes, each with its formula."""
