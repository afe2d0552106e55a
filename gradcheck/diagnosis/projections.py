"""What is missing of a gradient that must be orthogonal to something: a mean, a variance, a sum.

The discrepancy is then constant along the axes of the statistic, or a multiple of the centred
input, of the input, or of the output there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np

from gradcheck.diagnosis.evidence import FITS, Discrepancy, Evidence
from gradcheck.findings import Diagnosis
from gradcheck.numerics.rounding import Floats

Axes = tuple[int, ...]
Basis = Callable[[Evidence, Axes], "list[Floats]"]


def path_missing(wrong: Discrepancy) -> Diagnosis | None:
    """A discrepancy in the span of what the right gradient is orthogonal to."""
    if len(wrong.failing) < 3 or not (terms := wrong.failing[0].terms):
        return None
    if any(one.terms != terms for one in wrong.failing):
        return None
    for name, what, repair, basis, zero_sum in _PATHS:
        for axes in _largest_first(len(terms)):
            if _holds(wrong, axes, basis, zero_sum):
                along = ", ".join(terms[at] for at in axes)
                return Diagnosis(
                    name=name,
                    text=f"{wrong.word} lacks a part along {along}: {what}",
                    evidence=f"the discrepancy is exactly {_SHAPES[name]} along {along}; "
                    f"{wrong.count()}",
                    repair=repair,
                )
    return None


def multiple_added(wrong: Discrepancy) -> Diagnosis | None:
    """The right gradient plus one and the same number times the array itself."""
    factors = []
    for one in wrong.failing:
        x = one.case.primals[one.array].astype(np.float64)
        size = float(np.square(x).sum())
        c = float((one.discrepancy * x).sum()) / size if size else 0.0
        if x.size < 2 or not one.equals(one.numeric + c * x):
            return None
        factors.append((one.decides(one.numeric + c * x), c))
    sure = [c for decided, c in factors if decided]
    if len(sure) < 3 or not np.allclose([c for _, c in factors], sure[0], rtol=1e-3, atol=0):
        return None
    own = wrong.own(wrong.array)
    return Diagnosis(
        name="weight-decay-added",
        text=f"{wrong.word} holds {sure[0]:.3g} times {own} beyond the gradient: weight decay is "
        "no part of this forward",
        evidence=f"that number times {own} is the whole discrepancy; {wrong.count()}",
        repair="add the penalty where the loss is computed, or in the optimiser",
    )


def _largest_first(rank: int) -> Iterator[Axes]:
    for count in range(rank, 0, -1):
        yield from combinations(range(rank), count)


def _holds(wrong: Discrepancy, axes: Axes, basis: Basis, zero_sum: bool) -> bool:
    decided = 0
    for one in wrong.failing:
        if zero_sum and not _sums_to_zero(one, axes):
            return False
        directions = basis(one, axes)
        if not directions:
            return False
        fitted = one.numeric + _projected(one.discrepancy, directions, axes)
        if not one.equals(fitted):
            return False
        count = int(np.prod([one.numeric.shape[at] for at in axes]))
        decided += one.decides(fitted) and count > len(directions) + 1
    return decided >= 3


def _sums_to_zero(one: Evidence, axes: Axes) -> bool:
    """Return whether the right gradient sums to zero along the axes."""
    total = np.abs(one.numeric.sum(axis=axes))
    slack = FITS * np.abs(one.numeric).sum(axis=axes) + 4 * one.error.sum(axis=axes)
    return bool((total <= slack).all())


def _projected(residual: Floats, directions: list[Floats], axes: Axes) -> Floats:
    """Return the part of a residual in the span of the directions, for each slice apart."""
    rest = tuple(at for at in range(residual.ndim) if at not in axes)
    order = (*rest, *axes)
    count = int(np.prod([residual.shape[at] for at in axes]))
    rows = residual.transpose(order).reshape(-1, count)
    bases = [one.transpose(order).reshape(-1, count) for one in directions]
    fitted = np.empty_like(rows)
    for number, row in enumerate(rows):
        matrix = np.stack([one[number] for one in bases], axis=1)
        fitted[number] = matrix @ np.linalg.lstsq(matrix, row, rcond=None)[0]
    shape = [residual.shape[at] for at in order]
    found: Floats = fitted.reshape(shape).transpose(np.argsort(order))
    return found


def _ones(one: Evidence, axes: Axes) -> list[Floats]:
    return [np.ones(one.numeric.shape)]


def _centred(one: Evidence, axes: Axes) -> list[Floats]:
    x = one.case.primals[one.array].astype(np.float64)
    return [x - x.mean(axis=axes, keepdims=True)]


def _ones_and_centred(one: Evidence, axes: Axes) -> list[Floats]:
    return [*_ones(one, axes), *_centred(one, axes)]


def _itself(one: Evidence, axes: Axes) -> list[Floats]:
    return [one.case.primals[one.array].astype(np.float64)]


def _output(one: Evidence, axes: Axes) -> list[Floats]:
    y = next(iter(one.outputs.values()))
    return [y] if y.shape == one.numeric.shape else []


def _exp_output(one: Evidence, axes: Axes) -> list[Floats]:
    with np.errstate(over="ignore"):
        return [np.exp(y) for y in _output(one, axes) if y.max() < 0.0]


_PATHS: tuple[tuple[str, str, str, Basis, bool], ...] = (
    (
        "mean-path-missing",
        "what comes back through the mean",
        "subtract the mean of the gradient over these axes",
        _ones,
        True,
    ),
    (
        "sum-path-missing",
        "what comes back through the sum in the denominator",
        "subtract the output times the sum of upstream times output",
        _output,
        True,
    ),
    (
        "sum-path-missing",
        "what comes back through the sum in the logarithm",
        "subtract the probabilities times the sum of the upstream gradient",
        _exp_output,
        True,
    ),
    (
        "variance-path-missing",
        "what comes back through the variance",
        "subtract x-hat times the mean of upstream times x-hat",
        _centred,
        True,
    ),
    (
        "mean-and-variance-path-missing",
        "what comes back through the mean and through the variance",
        "differentiate mean and variance as well: both depend on x",
        _ones_and_centred,
        True,
    ),
    (
        "norm-path-missing",
        "what comes back through the root mean square or the norm",
        "differentiate the denominator as well: it depends on x",
        _itself,
        False,
    ),
)
_SHAPES = {
    "mean-path-missing": "one constant",
    "sum-path-missing": "a multiple of the output, or of the probabilities,",
    "variance-path-missing": "a multiple of the centred input",
    "mean-and-variance-path-missing": "a constant and a multiple of the centred input",
    "norm-path-missing": "a multiple of the input",
}
