"""Which known mistake explains a discrepancy. Silent where nothing explains it on every case.

A wrong name is worse than none: an explainer names a mistake only with evidence that holds over
all failing cases. The table below is in the order of belief: what equals a known mistake exactly,
then what a formula explains wholly, then where the fault is, and last when it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from gradcheck.cases import Case
from gradcheck.diagnosis.evidence import Discrepancy
from gradcheck.diagnosis.factors import factor
from gradcheck.diagnosis.forward import explain_forward
from gradcheck.findings import Diagnosis, Finding
from gradcheck.subject import Subject

Explainer = Callable[[Discrepancy], Diagnosis | None]

_MOST_FAILING = 12
_BATCHES = ("N", "m", "number_of_examples", "batch_size")

EXPLAINERS: tuple[Explainer, ...] = (factor,)


def explain(
    subject: Subject, found: Finding, failing: Sequence[Case], passing: Sequence[Case] = ()
) -> Diagnosis | None:
    """Return the mistake that ``found`` looks like, or None.

    ``failing`` are cases that show it, ``passing`` such in which the same check found no fault.
    """
    failing = failing[:_MOST_FAILING]
    if found.check == "forward-differs":
        return explain_forward(subject, failing)
    if found.check not in ("input-gradient-wrong", "parameter-gradient-wrong"):
        return None
    name = _array(subject, found, failing)
    if name is None:
        return None
    wrong = Discrepancy(subject, name, failing, passing)
    named = next((one for explainer in EXPLAINERS if (one := explainer(wrong))), None)
    return _with_rule(named, found, subject) if named is not None else None


def _array(subject: Subject, found: Finding, failing: Sequence[Case]) -> str | None:
    """Return the array whose gradient the finding calls by the layer's own word."""
    words = subject.identity.words
    names = (spec.name for case in failing for spec in case.signature.differentiable)
    return next((one for one in names if words.gradient(one) == found.array), None)


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
