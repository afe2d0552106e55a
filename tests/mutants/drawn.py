"""Drawn situations of a kind, for all tests of mutants."""

from __future__ import annotations

from functools import cache

import numpy as np
from hypothesis import given, settings

from gradcheck.case import Case, make_case, plain_case
from gradcheck.cases import cases
from gradcheck.conventions import adapt
from gradcheck.kinds import find_kind
from gradcheck.mutants import Situation, situation_of
from gradcheck.signature import Signature
from gradcheck.sizes import legal
from gradcheck.subject import Subject

EXAMPLES = 30


def square_cases(subject: Subject, form: Signature) -> list[Case]:
    """Return cases in which all axes are equal: there some mistakes fit that raise elsewhere."""
    found, rng = [], np.random.default_rng(0)
    for seed, regime in enumerate(("generic", "generic", "tied", "tied", "generic", "plain")):
        needed = dict(form.when)
        options = {
            name: (legal_values := [one for one in values if one in needed.get(name, values)])[
                rng.integers(len(legal_values))
            ]
            for name, values in subject.options.items()
        }
        axes = {name: one for name, one in options.items() if isinstance(one, int)}
        axes = dict.fromkeys(form.free_axes, 3) | axes
        if legal(form, subject.constraints, axes):
            found.append(make_case(form, axes, options, regime=regime, seed=seed))
    return found


@cache
def situations(kind: str) -> tuple[Situation, ...]:
    """Return drawn situations of a kind: all of its forms, options and regimes."""
    layer = find_kind(kind).reference
    assert layer is not None
    subject = adapt(layer)
    drawn: list[Case] = [plain_case(subject, form) for form in subject.forms]
    drawn += [one for form in subject.forms for one in square_cases(subject, form)]

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
