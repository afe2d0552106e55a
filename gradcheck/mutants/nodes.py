"""Mistakes in the smallest nodes: sums, products, quotients, powers of e."""

from __future__ import annotations

import numpy as np

from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array


def _of_x(wanted: str) -> Formula:
    """One mistake about the single input x of a node, by what dout is multiplied with."""

    def formula(situation: Situation) -> dict[str, Array]:
        x, y, dout = situation.arrays["x"], situation.y, situation.dout
        factors = {"x": x, "1/y": 1 / y, "1/x^2": 1 / (x * x)}
        return {"x": dout * factors[wanted]}

    return formula


def _as_product(situation: Situation) -> dict[str, Array]:
    """The student wrote the gradient of x * y for x + y or x - y: dout times the other."""
    x, y, dout = situation.arrays["x"], situation.arrays["y"], situation.dout
    return {"x": dout * y, "y": dout * x}


def _own_operand(situation: Situation) -> dict[str, Array]:
    """The student multiplied by the same operand: dx = dout * x."""
    x, y, dout = situation.arrays["x"], situation.arrays["y"], situation.dout
    return {"x": dout * x, "y": dout * y}


def _passed_on(situation: Situation) -> dict[str, Array]:
    """The student passed dout on to both operands, as an addition does."""
    return {"x": situation.dout, "y": situation.dout}


def _operands_alone(situation: Situation) -> dict[str, Array]:
    """The student returned the other operand and forgot dout."""
    return {"x": situation.arrays["y"], "y": situation.arrays["x"]}


def _sub_sign(situation: Situation) -> dict[str, Array]:
    """The student forgot that y is subtracted: dy = dout."""
    return {"y": situation.dout}


def _sub_sign_of_x(situation: Situation) -> dict[str, Array]:
    """The student exchanged the signs: dx = -dout, dy = dout."""
    return {"x": -situation.dout, "y": situation.dout}


def _div(wanted: str) -> Formula:
    """Mistakes in the quotient rule dy = -dout x / y^2."""

    def formula(situation: Situation) -> dict[str, Array]:
        x, y, dout = situation.arrays["x"], situation.arrays["y"], situation.dout
        found = {
            "square": -dout * x / y,
            "sign": dout * x / (y * y),
            "numerator": -dout / (y * y),
            "power": -dout * x * y * y,
        }
        return {"y": found[wanted]}

    return formula


def _div_multiplied(situation: Situation) -> dict[str, Array]:
    """The student multiplied by y where 1 / y belongs."""
    return {"x": situation.dout * situation.arrays["y"]}


def _only_row(row: int) -> Formula:
    """The student took one row of dout instead of the sum."""
    return lambda situation: {"x": situation.dout[[row]]}


def _mean(situation: Situation) -> dict[str, Array]:
    """The student took the mean of the rows instead of the sum."""
    return {"x": situation.dout.mean(axis=0, keepdims=True)}


def _sum_shared(situation: Situation) -> dict[str, Array]:
    """The student shared dout among the rows, as a mean does."""
    x = situation.arrays["x"]
    return {"x": np.repeat(situation.dout, len(x), axis=0) / len(x)}


def _sum_first_row(situation: Situation) -> dict[str, Array]:
    """The student gave dout to the first row only."""
    dx = np.zeros_like(situation.arrays["x"])
    dx[0] = situation.dout[0]
    return {"x": dx}


def _sum_times_input(situation: Situation) -> dict[str, Array]:
    """The student multiplied by x: the derivative of a sum with respect to a term is one."""
    return {"x": situation.arrays["x"] * situation.dout}


MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "product-rule-of-sum",
        "{gradient} is dout times the other operand: that is the rule of a product",
        "A sum passes dout on as it is; a difference turns the sign of the second.",
        "add sub",
        _as_product,
    ),
    mutant(
        "second-sign-missing",
        "{gradient} lacks the minus sign: y is subtracted",
        "dy = -dout.",
        "sub",
        _sub_sign,
    ),
    mutant(
        "signs-exchanged",
        "the signs of the two gradients are exchanged",
        "dx = dout and dy = -dout.",
        "sub",
        _sub_sign_of_x,
    ),
    mutant(
        "operands-not-exchanged",
        "{gradient} is multiplied by its own operand instead of the other one",
        "dx = dout * y and dy = dout * x: the operands change places.",
        "mul",
        _own_operand,
    ),
    mutant(
        "sum-rule-of-product",
        "{gradient} is dout as it came: that is the rule of a sum",
        "dx = dout * y and dy = dout * x.",
        "mul",
        _passed_on,
    ),
    mutant(
        "upstream-ignored",
        "{gradient} is the other operand alone: it is not multiplied by the upstream gradient",
        "Multiply by dout: dx = dout * y and dy = dout * x.",
        "mul",
        _operands_alone,
    ),
    mutant(
        "square-missing",
        "{gradient} divides by y instead of y squared",
        "dy = -dout * x / y**2.",
        "div",
        _div("square"),
    ),
    mutant(
        "quotient-sign-missing",
        "{gradient} lacks the minus sign of the quotient rule",
        "dy = -dout * x / y**2.",
        "div",
        _div("sign"),
    ),
    mutant(
        "numerator-missing",
        "{gradient} lacks the factor x, the numerator",
        "dy = -dout * x / y**2.",
        "div",
        _div("numerator"),
    ),
    mutant(
        "multiplied-by-square",
        "{gradient} is multiplied by y squared instead of divided by it",
        "dy = -dout * x / y**2.",
        "div",
        _div("power"),
    ),
    mutant(
        "multiplied-by-denominator",
        "{gradient} is multiplied by y instead of divided by it",
        "dx = dout / y.",
        "div",
        _div_multiplied,
    ),
    mutant(
        "times-input",
        "{gradient} is dout * x: the derivative of e^x is e^x, the output",
        "dx = dout * y with the output y of forward.",
        "exp",
        _of_x("x"),
    ),
    mutant(
        "multiplied-by-input",
        "{gradient} is multiplied by x instead of divided by it",
        "dx = dout / x.",
        "log",
        _of_x("x"),
    ),
    mutant(
        "divided-by-output",
        "{gradient} divides by the output ln x instead of by x",
        "dx = dout / x; keep x, not the output, in forward.",
        "log",
        _of_x("1/y"),
    ),
    mutant(
        "divided-by-square",
        "{gradient} divides by x squared: that is the second derivative",
        "dx = dout / x.",
        "log",
        _of_x("1/x^2"),
    ),
    mutant(
        "mean-for-sum",
        "{gradient} is the mean over the repeated rows; every row adds its gradient",
        "dx = dout.sum(axis=0, keepdims=True).",
        "repeat",
        _mean,
    ),
    mutant(
        "only-first-row",
        "{gradient} is the first row of dout; all rows must be summed",
        "dx = dout.sum(axis=0, keepdims=True).",
        "repeat",
        _only_row(0),
    ),
    mutant(
        "only-last-row",
        "{gradient} is the last row of dout; all rows must be summed",
        "dx = dout.sum(axis=0, keepdims=True), or += in the loop.",
        "repeat",
        _only_row(-1),
    ),
    mutant(
        "shared-among-rows",
        "{gradient} is divided by the number of rows, as if forward took the mean",
        "Every row of a sum gets the whole dout: np.repeat(dout, N, axis=0).",
        "sum",
        _sum_shared,
    ),
    mutant(
        "only-first-row",
        "{gradient} reaches the first row only; every row entered the sum",
        "dx = np.repeat(dout, N, axis=0).",
        "sum",
        _sum_first_row,
    ),
    mutant(
        "times-input",
        "{gradient} is multiplied by x; the derivative of a sum by a term is one",
        "dx = np.repeat(dout, N, axis=0).",
        "sum",
        _sum_times_input,
    ),
)
"""The mistakes, each with its formula."""
