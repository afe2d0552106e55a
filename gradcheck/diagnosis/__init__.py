"""Which known mistake explains a discrepancy. Silent where nothing explains it on every case.

A wrong name is worse than none: an explainer names a mistake only with evidence that holds over
all failing cases. The table below is in the order of belief: what equals a known mistake exactly,
then what a formula explains wholly, then where the fault is, and last when it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from msgspec.structs import replace

from gradcheck.case import Case
from gradcheck.diagnosis.another_upstream import another_upstream
from gradcheck.diagnosis.arithmetic import all_zero, drawn_again, single_precision
from gradcheck.diagnosis.conditions import condition
from gradcheck.diagnosis.discrepancy import Discrepancy
from gradcheck.diagnosis.elementwise import local_derivative, mask_missing, times_a_quantity
from gradcheck.diagnosis.factors import factor
from gradcheck.diagnosis.forward import explain_forward
from gradcheck.diagnosis.mutant_match import mutant
from gradcheck.diagnosis.other_option import option_ignored, parameter_ignored
from gradcheck.diagnosis.overwritten import (
    elements_lost,
    one_slice_filled,
    overlap_overwritten,
    summed_up,
)
from gradcheck.diagnosis.places import place
from gradcheck.diagnosis.projections import multiple_added, path_wrong
from gradcheck.diagnosis.rearranged import rearranged
from gradcheck.diagnosis.repeated_labels import repeated_labels
from gradcheck.diagnosis.shapes import explain_shape
from gradcheck.findings import Diagnosis, Finding
from gradcheck.subject import Subject

Explainer = Callable[[Discrepancy], Diagnosis | None]

_MOST_FAILING = 12
_BATCHES = ("N", "m", "number_of_examples", "batch_size")

EXPLAINERS: tuple[Explainer, ...] = (
    mutant,
    all_zero,
    drawn_again,
    factor,
    single_precision,
    another_upstream,
    mask_missing,
    multiple_added,
    path_wrong,
    local_derivative,
    rearranged,
    one_slice_filled,
    summed_up,
    overlap_overwritten,
    times_a_quantity,
    option_ignored,
    parameter_ignored,
    elements_lost,
)
LAST: tuple[Explainer, ...] = (repeated_labels, place, condition)
"""Tried on further cases, too: where and when a gradient is wrong shows in large enough ones."""
_OF_UPSTREAM: tuple[Explainer, ...] = (drawn_again, another_upstream)
_TABLES: Mapping[str, tuple[Explainer, ...]] = {
    "input-gradient-wrong": EXPLAINERS,
    "parameter-gradient-wrong": EXPLAINERS,
    "upstream-not-linear": _OF_UPSTREAM,
    "upstream-masks": _OF_UPSTREAM,
}


def explain(
    subject: Subject, found: Finding, failing: Sequence[Case], passing: Sequence[Case] = ()
) -> Diagnosis | None:
    """Return the mistake that ``found`` looks like, or None.

    ``failing`` are cases that show it, ``passing`` such in which the same check found no fault.
    """
    failing = failing[:_MOST_FAILING]
    if found.check == "forward-differs":
        with np.errstate(all="ignore"):
            return explain_forward(subject, failing)
    name = _array(subject, found, failing)
    if name is None:
        return None
    if found.check == "gradient-shape-wrong":
        return explain_shape(subject, name, failing)
    wrong = Discrepancy(subject, name, failing, passing)
    explainers = _TABLES.get(found.check, ())
    with np.errstate(all="ignore"):  # a hypothesis may divide by zero: then it does not hold
        named = _first(explainers, wrong)
        if named is None and explainers is EXPLAINERS and wrong.failing:
            named = _first(LAST, wrong.enlarged())
    return _with_rule(named, found, subject) if named is not None else None


def _first(explainers: Sequence[Explainer], wrong: Discrepancy) -> Diagnosis | None:
    return next((one for explainer in explainers if (one := explainer(wrong))), None)


def _array(subject: Subject, found: Finding, failing: Sequence[Case]) -> str | None:
    """Return the array that the finding names, or calls by the layer's word of its gradient."""
    words = subject.identity.words
    names = (spec.name for case in failing for spec in case.signature.differentiable)
    return next((one for one in names if found.array in (one, words.gradient(one))), None)


def _with_rule(named: Diagnosis, found: Finding, subject: Subject) -> Diagnosis:
    """Add the assumption that makes a documented course rule of an exact factor."""
    batch = [axis for axis in _BATCHES if named.name in (f"factor-1/{axis}", f"factor-{axis}")]
    if not batch:
        return named
    if found.check == "parameter-gradient-wrong" and "/" in named.name:
        rule = "if your course divides there: --assume grad_reduction=mean"
    elif found.check == "input-gradient-wrong" and "/" not in named.name and _is_loss(subject):
        rule = "if your course leaves the division to the layers: --assume loss_gradient=sum"
    else:
        return named
    return replace(named, text=f"{named.text}; {rule}")


def _is_loss(subject: Subject) -> bool:
    return any(one.role == "label" for form in subject.forms for one in form.arrays)
