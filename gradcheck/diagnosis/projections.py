"""A part that a gradient must not have: what comes back through a mean, a variance, a sum.

The discrepancy is then constant along the axes of the statistic, or a multiple of the centred
input, of the input, or of the output there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from gradcheck.diagnosis.discrepancy import Discrepancy
from gradcheck.diagnosis.evidence import FITS, Evidence
from gradcheck.findings import Diagnosis
from gradcheck.numerics.rounding import Floats

Axes = tuple[int, ...]
Basis = Callable[[Evidence, Axes], "list[Floats]"]


@dataclass(frozen=True)
class Path:
    """A path of the chain rule: what it is, the shape of a discrepancy in it, the repair.

    Of a gradient that passes through all paths the sum is zero, or else ``zero_sum`` is not set.
    """

    name: str
    text: str
    shape: str
    repair: str
    basis: Basis
    zero_sum: bool = True


def path_wrong(wrong: Discrepancy) -> Diagnosis | None:
    """A discrepancy in the span of what the right gradient is orthogonal to."""
    for path in _PATHS:
        along = [(terms, _axes(path, group)) for (terms, _), group in wrong.by_axes.items()]
        decided = sum(found[1] for _, found in along if found is not None)
        if decided < 3 or any(found is None for _, found in along):
            continue
        told = " or ".join(
            dict.fromkeys(
                ", ".join(terms[at] for at in found[0]) for terms, found in along if found
            )
        )
        return Diagnosis(
            name=path.name,
            text=f"{wrong.word} is wrong by a part along {told}: {path.text} is "
            "missing, or has a wrong sign or factor",
            evidence=f"the discrepancy is exactly {path.shape} along {told}; {wrong.count()}",
            repair=path.repair,
        )
    return None


def multiple_added(wrong: Discrepancy) -> Diagnosis | None:
    """The right gradient plus one and the same number times the array itself."""
    factors = []
    for one in wrong.failing:
        x = one.case.primals[one.array].astype(np.float64)
        size = float(np.square(x).sum())
        c = float((one.discrepancy * x).sum()) / size if size else 0.0
        if not one.equals(one.numeric + c * x):
            return None
        factors.append((x.size > 1 and one.decides(one.numeric + c * x), c))
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


def _axes(path: Path, group: Sequence[Evidence]) -> tuple[Axes, int] | None:
    """Return the axes along which a path is missing in all cases, and how many decide it."""
    for axes in _largest_first(group[0].numeric.ndim):
        decided = [_decided(path, one, axes) for one in group]
        if all(one is not None for one in decided):
            return axes, sum(bool(one) for one in decided)
    return None


def _decided(path: Path, one: Evidence, axes: Axes) -> bool | None:
    """Return whether a case decides that a path is missing along axes, None if it is not."""
    if path.zero_sum and not _sums_to_zero(one, axes):
        return None
    directions = path.basis(one, axes)
    if not directions:
        return None
    fitted = one.numeric + _projected(one.discrepancy, directions, axes)
    if not one.equals(fitted):
        return None
    count = int(np.prod([one.numeric.shape[at] for at in axes]))
    return one.decides(fitted) and count > len(directions) + 1


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


def _input_itself(one: Evidence, axes: Axes) -> list[Floats]:
    if one.case.signature.by_name[one.array].role != "input":
        return []
    return [one.case.primals[one.array].astype(np.float64)]


def _output(one: Evidence, axes: Axes) -> list[Floats]:
    y = next(iter(one.outputs.values()))
    return [y] if y.shape == one.numeric.shape else []


def _exp_output(one: Evidence, axes: Axes) -> list[Floats]:
    with np.errstate(over="ignore"):
        return [np.exp(y) for y in _output(one, axes) if y.max() < 0.0]


_MULTIPLE_OF_OUTPUT = "a multiple of the output, or of the probabilities,"
_PATHS: tuple[Path, ...] = (
    Path(
        "mean-path-wrong",
        "what comes back through the mean",
        "one constant",
        "subtract the mean of the gradient over these axes",
        _ones,
    ),
    Path(
        "sum-path-wrong",
        "what comes back through the sum in the denominator",
        _MULTIPLE_OF_OUTPUT,
        "subtract the output times the sum of upstream times output",
        _output,
    ),
    Path(
        "sum-path-wrong",
        "what comes back through the sum in the logarithm",
        _MULTIPLE_OF_OUTPUT,
        "subtract the probabilities times the sum of the upstream gradient",
        _exp_output,
    ),
    Path(
        "variance-path-wrong",
        "what comes back through the variance",
        "a multiple of the centred input",
        "subtract x-hat times the mean of upstream times x-hat",
        _centred,
    ),
    Path(
        "mean-and-variance-path-wrong",
        "what comes back through the mean and through the variance",
        "a constant and a multiple of the centred input",
        "differentiate mean and variance as well: both depend on x",
        _ones_and_centred,
    ),
    Path(
        "norm-path-wrong",
        "what comes back through the root mean square or the norm",
        "a multiple of the input",
        "differentiate the denominator as well: it depends on x",
        _input_itself,
        zero_sum=False,
    ),
)
