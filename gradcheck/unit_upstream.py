"""Losses whose backward assumes that the upstream gradient is one."""

from __future__ import annotations

import numpy as np

from gradcheck.case import Case
from gradcheck.checks.evaluation import cotangents, evaluate
from gradcheck.subject import Subject


def assumes_unit_upstream(subject: Subject, case: Case) -> bool:
    """Whether a loss, whose output is one number, gives the same gradients for any upstream."""
    evaluation = evaluate(subject, case)
    outputs = evaluation.outputs
    if not evaluation.gradients or any(one.size != 1 for one in outputs.values()):
        return False
    ones = {name: np.ones(one.shape) for name, one in outputs.items()}
    answers = [
        subject.vjp(case.primals, {name: one * u for name, one in ones.items()}, case.options)
        for u in (1.0, -2.5)
    ]
    first, second = (answer.gradients for answer in answers)
    return bool(first) and all(
        name in second and np.any(one) and np.array_equal(one, second[name])
        for name, one in first.items()
    )


def ignored_upstream(subject: Subject, case: Case) -> float:
    """Return the upstream gradient that backward should have multiplied with and did not."""
    if not assumes_unit_upstream(subject, case):
        return 1.0
    (upstream,) = cotangents(subject, case, evaluate(subject, case).outputs).values()
    return float(upstream)
