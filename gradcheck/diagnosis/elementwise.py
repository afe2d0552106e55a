"""Local derivatives that are left out, taken at the wrong place, or cut to a diagonal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from gradcheck.diagnosis.discrepancy import Discrepancy
from gradcheck.diagnosis.evidence import Evidence, Hypothesis
from gradcheck.diagnosis.jacobian import derivatives
from gradcheck.findings import Diagnosis
from gradcheck.numerics.rounding import Floats


def local_derivative(wrong: Discrepancy) -> Diagnosis | None:
    """The upstream gradient with another local derivative than that of forward."""
    upstream = wrong.subject.identity.words.upstream
    for name, text, repair, hypothesis in _FORMS:
        if wrong.holds(hypothesis):
            return Diagnosis(
                name=name,
                text=f"{wrong.word} {text.format(u=upstream)}",
                evidence=f"it equals that exactly; {wrong.count()}",
                repair=repair.format(u=upstream),
            )
    return None


def times_a_quantity(wrong: Discrepancy) -> Diagnosis | None:
    """The right gradient times, or divided by, something that went in or came out."""
    if not wrong.failing:
        return None
    for name in _quantities(wrong.failing[0]):
        for sign, text in ((1, "multiplied"), (-1, "divided")):
            if wrong.holds(_times(name, sign)):
                told = wrong.own(name) if name else wrong.subject.identity.words.upstream
                return Diagnosis(
                    name=f"factor-{'' if sign > 0 else '1/'}{name or 'upstream'}",
                    text=f"{wrong.word} is {text} by {told} once too often, or not "
                    f"{'divided' if sign > 0 else 'multiplied'} by it",
                    evidence=f"each element has exactly that factor; {wrong.count()}",
                )
    return None


def mask_missing(wrong: Discrepancy) -> Diagnosis | None:
    """Nonzero where the right gradient is zero, and right everywhere else."""
    if len(wrong.failing) < 2 or not all(map(_right_where_not_zero, wrong.failing)):
        return None
    count = sum(int(one.wrong.sum()) for one in wrong.failing)
    kept = sum(int((one.numeric != 0).sum()) for one in wrong.failing)
    if kept < 5 or count < 3:
        return None
    return Diagnosis(
        name="mask-missing",
        text=f"{wrong.word} is not zero where it must be: a mask is left out",
        evidence=f"all {count} wrong elements lie where the numerical gradient is zero, and the "
        f"{kept} elements elsewhere are right; {wrong.count()}",
        repair="multiply by the mask of forward",
    )


def _right_where_not_zero(one: Evidence) -> bool:
    zero = np.abs(one.numeric) <= 4 * one.error
    u = _upstream(one)
    like = one.claimed != 0 if u is None else one.claimed * u > 0  # not the wrong sign of a mask
    return bool(not one.wrong[~zero].any() and like[one.wrong].all())


def _upstream(one: Evidence) -> Floats | None:
    """Return the upstream gradient if it is like the array."""
    if len(one.upstream) != 1:
        return None
    (u,) = one.upstream.values()
    return u if u.shape == one.numeric.shape else None


def _with(quantity: Callable[[Evidence], Floats | None]) -> Hypothesis:
    def hypothesis(one: Evidence) -> Floats | None:
        u, other = _upstream(one), quantity(one)
        return None if u is None or other is None or other.shape != u.shape else u * other

    return hypothesis


def _diagonal(one: Evidence) -> Floats | None:
    if one.jacobian is None or one.jacobian.shape[0] != one.jacobian.shape[1]:
        return None
    return np.diagonal(one.jacobian).reshape(one.numeric.shape)


def _at_output(one: Evidence) -> Floats | None:
    """Return the derivative of an elementwise forward at the output in the place of the input."""
    if len(one.outputs) != 1 or not _is_elementwise(one):
        return None
    (y,) = one.outputs.values()
    found = (
        derivatives(one.subject, one.case, one.array, at=y) if y.shape == _x(one).shape else None
    )
    return None if found is None else np.diagonal(found).reshape(y.shape)


def _is_elementwise(one: Evidence) -> bool:
    j = one.jacobian
    return j is not None and j.shape[0] == j.shape[1] and not np.any(j - np.diag(np.diagonal(j)))


def _x(one: Evidence) -> Floats:
    return one.case.primals[one.array].astype(np.float64)


def _output(one: Evidence) -> Floats:
    return next(iter(one.outputs.values()))


_FORMS: tuple[tuple[str, str, str, Hypothesis], ...] = (
    (
        "diagonal-jacobian",
        "uses only the diagonal of the Jacobian, as if each output depended on its own input alone",
        "sum over all outputs that an input changes: dx_i = sum_j dy_j dy_j/dx_i",
        _with(_diagonal),
    ),
    (
        "derivative-at-output",
        "holds the derivative taken at the output of forward in the place of its input",
        "evaluate f'(x) at x, or write it in terms of y and use y as it is",
        _with(_at_output),
    ),
    (
        "local-derivative-missing",
        "is {u} itself: the derivative of forward is left out",
        "multiply {u} by the derivative of forward",
        lambda one: _upstream(one),
    ),
    (
        "output-for-derivative",
        "is {u} times the output of forward, not times its derivative",
        "multiply {u} by the derivative of forward",
        _with(_output),
    ),
    (
        "input-for-derivative",
        "is {u} times the input of forward, not times its derivative",
        "multiply {u} by the derivative of forward",
        _with(_x),
    ),
)


def _quantities(one: Evidence) -> Iterator[str]:
    """Yield the real arrays of the case, the outputs, and the upstream (as the empty name)."""
    for spec in one.case.signature.arrays:
        if one.case.primals[spec.name].dtype.kind == "f":
            yield spec.name
    yield from one.outputs
    yield ""


def _times(name: str, sign: int) -> Hypothesis:
    def hypothesis(one: Evidence) -> Floats | None:
        quantity = _upstream(one) if not name else one.aligned(name)
        if quantity is None or (sign < 0 and not quantity.all()):
            return None
        return one.numeric * quantity if sign > 0 else one.numeric / quantity

    return hypothesis
