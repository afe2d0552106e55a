"""A gradient that is wrong only where a label occurs more than once: ``=`` for ``+=``, mostly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gradcheck.axes import axis_size
from gradcheck.case import Case, make_case
from gradcheck.diagnosis.discrepancy import Discrepancy
from gradcheck.diagnosis.evidence import Evidence, evidence_of
from gradcheck.findings import Diagnosis
from gradcheck.signature import ArraySpec

_LEAST = 3
_LARGE = 200  # elements


def repeated_labels(wrong: Discrepancy) -> Diagnosis | None:
    """Wrong where labels repeat, and right in the same cases with labels that are all different."""
    labels = [
        one
        for one in (wrong.failing[0].case.signature.arrays if wrong.failing else ())
        if one.domain == "labels"
    ]
    for spec in labels:
        if not all(_repeats(one, spec.name) for one in wrong.failing):
            continue
        apart = [_distinct(wrong, one.case, spec) for one in wrong.failing]
        found = [one for one in apart if one is not None]
        if len(found) >= _LEAST and not any(one.wrong.any() for one in found):
            own = wrong.own(spec.name)
            return Diagnosis(
                name=f"only-when-{spec.name}-repeat",
                text=f"{wrong.word} is wrong only where one of {own} occurs more than once",
                evidence=f"so it is in all {len(wrong.failing)} failing cases seen; {len(found)} "
                f"of them, with {own} that are all different, are right",
                repair="add the contributions of all occurrences: np.add.at",
            )
    return None


def _distinct(wrong: Discrepancy, case: Case, spec: ArraySpec) -> Evidence | None:
    """Return the case with labels that are all different, of more of them where there must be."""
    count = case.primals[spec.name].size
    least, below = (axis_size(term, case.axes) for term in (spec.least, spec.below))
    if count > below - least:
        if spec.below not in case.axes or spec.below in wrong.subject.fixed_axes:
            return None
        below = count + least
        axes = {**case.axes, spec.below: below}
        case = make_case(case.signature, axes, case.options, regime="generic", seed=case.seed)
        if case.primals[wrong.array].size > _LARGE:
            return None
    ids = case.primals[spec.name]
    drawn = case.rng("labels").permutation(np.arange(least, below))[:count]
    apart = drawn.reshape(ids.shape).astype(ids.dtype)
    apart.flags.writeable = False
    changed = replace(case, primals={**case.primals, spec.name: apart}, memory={})
    return evidence_of(wrong.subject, changed, wrong.array)


def _repeats(one: Evidence, name: str) -> bool:
    if name not in one.case.primals:
        return False
    ids = one.case.primals[name]
    return np.unique(ids).size < ids.size
