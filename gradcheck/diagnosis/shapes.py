"""A gradient of another shape than its array: what was not summed, or was left lying around."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from gradcheck.case import Case
from gradcheck.checks.evaluation import cotangents, evaluate
from gradcheck.diagnosis.jacobian import derivatives
from gradcheck.findings import Diagnosis
from gradcheck.numerics.rounding import Floats
from gradcheck.subject import Subject

_FITS = 1e-6
_LEAST = 2


def explain_shape(subject: Subject, array: str, failing: Sequence[Case]) -> Diagnosis | None:
    """Return the one thing that makes the right gradient of all claims of a wrong shape."""
    pairs = [pair for case in failing if (pair := _pair(subject, case, array)) is not None]
    if len(pairs) < _LEAST or len({claimed.ndim for claimed, _ in pairs}) > 1:
        return None
    word = subject.identity.words.gradient(array)
    reached = [tuple(_repairs(claimed, right)) for claimed, right in pairs]
    common = [name for name in reached[0] if all(name in one for one in reached)]
    # What only has an axis of size one too many is not summed over it, either: nothing to sum.
    if not common or (len(common) > 1 and "sum" in common[0]):
        return None
    name, text, repair = _told(common[0], subject, failing[0])
    return Diagnosis(
        name=name,
        text=f"{word} {text}",
        evidence=f"so repaired it equals the numerical gradient in all {len(pairs)} failing "
        "cases seen",
        repair=repair,
    )


def _pair(subject: Subject, case: Case, array: str) -> tuple[Floats, Floats] | None:
    """Return the claim and the right gradient."""
    evaluation = evaluate(subject, case)
    claimed = evaluation.gradients.get(array)
    if claimed is None or not np.isfinite(claimed).all():
        return None
    jacobian = derivatives(subject, case, array)
    if jacobian is None:
        return None
    upstream = cotangents(subject, case, evaluation.outputs)
    laid = np.concatenate([np.ravel(upstream[name]) for name in evaluation.outputs])
    right: Floats = (laid.astype(np.float64) @ jacobian).reshape(case.primals[array].shape)
    return (claimed.astype(np.float64), right) if right.any() else None


def _repairs(claimed: Floats, right: Floats) -> Iterator[str]:
    """Yield the names of all changes that make the claim the right gradient."""
    if claimed.ndim == right.ndim == 2 and _same(claimed.T, right):
        yield "transposed"
    if claimed.size == right.size and claimed.ndim != right.ndim:
        flat = _same(claimed.reshape(right.shape), right)
        many = claimed.ndim > right.ndim
        yield from ["reshaped" if many else "squeezed"] if flat else []
    for count in range(1, claimed.ndim + 1):
        for axes in combinations(range(claimed.ndim), count):
            if _same(claimed.sum(axis=axes), right):
                yield f"sum {' '.join(map(str, axes))}"


def _same(one: Floats, right: Floats) -> bool:
    if one.shape != right.shape:
        return False
    return bool(np.abs(one - right).max(initial=0.0) <= _FITS * np.abs(right).max(initial=0.0))


def _told(change: str, subject: Subject, case: Case) -> tuple[str, str, str]:
    if change == "transposed":
        return change, "is the transpose of the right gradient", "transpose it: .T"
    if change == "reshaped":
        text = "has the right numbers in another number of axes"
        return "axis-too-many", text, "drop keepdims, or reshape to the shape of the array"
    if change == "squeezed":
        text = "has the right numbers and an axis too few"
        return "axis-missing", text, "keep all axes: no squeeze, no index in the place of a slice"
    axes = [int(one) for one in change.split()[1:]]
    spec = case.signature.outputs[0]
    named = not spec.open and all(at < len(spec.axes) for at in axes)
    told = ", ".join(spec.axes[at] if named else f"axis {at}" for at in axes)
    repair = f"sum over what forward broadcast the array: .sum(axis={tuple(axes)})"
    name = f"not-summed-over-{told.replace(', ', '-').replace(' ', '-')}"
    return name, f"is not summed over {told}", repair.replace(",)", ")")
