"""Textbook approximations: forwards that are off on purpose, with the exact gradient.

Much taught code computes ``log(p + 1e-7)`` and differentiates ``log(p)``. The discrepancy is
real and small. It is accepted only where a named variant of the reference explains it wholly:
the forward equals the variant and the gradient equals that of the reference or of the variant,
both to rounding. Which variants are textbook practice is the catalogue's choice: an epsilon up to
1e-6, whose effect on the gradient (epsilon / p) is below 1e-4 wherever p is above 1 %.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradcheck.case import Case
from gradcheck.checks.evaluation import (
    agree,
    evaluate,
    in_kinds_order,
    is_strict,
    reference_at,
)
from gradcheck.kinds import find_kind
from gradcheck.subject import Array, Arrays, Evaluation, Subject


def approximation(subject: Subject, case: Case) -> str | None:
    """Return the name of the variant that the forward equals, if it is not the reference."""
    key = ("approximation", id(subject))
    if key not in case.memory:
        case.memory[key] = _find(subject, case)
    found: str | None = case.memory[key]
    return found


def gradient_explained(subject: Subject, case: Case, name: str) -> bool:
    """Return whether the gradient of ``name`` is the exact one of the reference."""
    return approximation(subject, case) is not None and equals_reference(subject, case, name)


def departs_from_reference(subject: Subject, case: Case) -> bool:
    """Return whether a layer of a loosely named kind has another forward than it at this case.

    A clip or an epsilon of its own, which shows only where something saturates.
    """
    outputs = evaluate(subject, case).outputs

    def at(name: str) -> Callable[[Arrays], Array | None]:
        return lambda primals: _output(reference_at(subject, case, primals), name)

    return not is_strict(subject) and not all(
        agree(value, at(name), case) for name, value in outputs.items()
    )


def _output(evaluation: Evaluation | None, name: str) -> Array | None:
    return evaluation.outputs.get(name) if evaluation else None


def equals_reference(subject: Subject, case: Case, name: str) -> bool:
    """Return whether the gradient of ``name`` is that of the reference."""
    claimed = evaluate(subject, case).gradients.get(name)
    if claimed is None:
        return False

    def exact(primals: Arrays) -> Array | None:
        evaluation = reference_at(subject, case, primals)
        return evaluation.gradients.get(name) if evaluation else None

    return agree(claimed, exact, case)


def _find(subject: Subject, case: Case) -> str | None:
    kind = find_kind(subject.identity.kind) if subject.identity.kind else None
    outputs = evaluate(subject, case).outputs
    if kind is None or not outputs or not kind.approximations:
        return None
    value = next(iter(outputs.values()))

    def at(function: Callable[..., object]) -> Callable[[Arrays], Array | None]:
        def approximate(primals: Arrays) -> Array | None:
            theirs, options = in_kinds_order(subject, case, primals)
            inputs = (array for name, array in theirs.items() if name not in kind.parameters)
            with np.errstate(all="ignore"):
                found = np.asarray(function(*inputs, **options))
            return found.reshape(value.shape) if found.size == value.size else None

        return approximate

    for name, function in kind.approximations.items():
        if agree(value, at(function), case):
            return name
    return None
