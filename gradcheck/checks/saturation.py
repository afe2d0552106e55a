"""Gradients that are nothing beside what they are at ordinary values."""

from __future__ import annotations

import numpy as np

from gradcheck.case import Case, make_case
from gradcheck.checks.evaluation import evaluate
from gradcheck.findings import Numbers
from gradcheck.subject import Subject

_NOTHING = 2.0**-30


def lost_in_saturation(subject: Subject, case: Case, name: str, numbers: Numbers) -> bool:
    """Return whether claim and difference are both below what a saturated forward can tell.

    A gate that is closed to the last bit, ``0.5 (1 + tanh(z / 2))`` at z = -70, moves in stairs or
    not at all, whatever backward computes of it; no size that the output has near the case says
    how fine the stairs are. So the gradient is held against that of ordinary values, as many times
    larger as the arrays of the case are.
    """
    if case.generic or not case.axes:
        return False
    key = ("ordinary gradients", id(subject))
    if key not in case.memory:
        case.memory[key] = _ordinary_sizes(subject, case)
    sizes: dict[str, float] = case.memory[key]
    told = max(abs(numbers.analytic), abs(numbers.numeric))
    return told <= _NOTHING * sizes.get(name, 0.0)


def _ordinary_sizes(subject: Subject, case: Case) -> dict[str, float]:
    """Return the size of each gradient at ordinary values, times how much larger the case is."""
    whole = {name: one for name, one in case.options.items() if isinstance(one, int)}
    sizes = {**case.axes, **whole}
    ordinary = make_case(case.signature, sizes, case.options, seed=case.seed)
    larger = max(1.0, _largest(case) / (_largest(ordinary) or 1.0))
    found = {
        name: float(np.abs(one).max(initial=0.0)) * larger
        for name, one in evaluate(subject, ordinary).gradients.items()
    }
    return {name: size for name, size in found.items() if np.isfinite(size)}


def _largest(case: Case) -> float:
    real = [one for one in case.primals.values() if one.dtype.kind == "f"]
    return max((float(np.abs(one).max(initial=0.0)) for one in real), default=0.0)
