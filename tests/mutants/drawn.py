"""Drawn situations of a kind, for all tests of mutants."""

from __future__ import annotations

from functools import cache

import numpy as np
from hypothesis import given, settings

from gradcheck.cases import Case, cases, plain_case
from gradcheck.conventions import adapt
from gradcheck.kinds import find_kind
from gradcheck.mutants import Situation, situation_of

EXAMPLES = 120


@cache
def situations(kind: str) -> tuple[Situation, ...]:
    """Return drawn situations of a kind: all of its forms, options and regimes."""
    layer = find_kind(kind).reference
    assert layer is not None
    subject = adapt(layer)
    drawn: list[Case] = [plain_case(subject, form) for form in subject.forms]

    @settings(max_examples=EXAMPLES, database=None, deadline=None, derandomize=True)
    @given(cases(subject))
    def draw(case: Case) -> None:
        drawn.append(case)

    draw()
    found = []
    for case in drawn:
        evaluation = subject.forward(case.primals, case.options)
        upstream = case.cotangents(evaluation.outputs)
        one = situation_of(find_kind(kind), case.primals, case.options, upstream)
        if one is not None and all(np.isfinite(array).all() for array in one.gradients.values()):
            found.append(one)
    return tuple(found)
