"""Which known mistake explains a discrepancy. Silent where nothing explains it on every case.

A wrong name is worse than none: an explainer names a mistake only with evidence that holds over
all failing cases, and only if the axis that it blames took several sizes among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace

from gradcheck.cases import Case
from gradcheck.checks.evaluation import evaluate, reference
from gradcheck.checks.gradients import probe
from gradcheck.findings import Diagnosis, Finding
from gradcheck.numerics import differentiate_elements
from gradcheck.numerics.rounding import Floats
from gradcheck.subject import Subject

_LARGEST = 512  # elements: every one is differenced
_FITS = 1e-6  # residual of a fit, relative to the analytic gradient
_BATCHES = ("N", "m", "number_of_examples", "batch_size")
_CONSTANTS: Mapping[float, str] = {
    -1.0: "the sign is wrong",
    2.0: "a factor 2 too many",
    0.5: "a factor 1/2 too many",
}


@dataclass(frozen=True)
class Evidence:
    """One failing case: the claimed and the numerical gradient, and the sizes of its axes."""

    analytic: Floats
    numeric: Floats
    axes: Mapping[str, int]


def explain(
    subject: Subject, found: Finding, failing: Sequence[Case], passing: Sequence[Case] = ()
) -> Diagnosis | None:
    """Return the mistake that ``found`` looks like, or None.

    ``failing`` are cases that show it, ``passing`` such in which the same check found no fault.
    """
    if found.check == "forward-differs":
        return _forward_factor(subject, failing)
    if found.check not in ("input-gradient-wrong", "parameter-gradient-wrong"):
        return None
    words = subject.identity.words
    names = [
        spec.name
        for spec in failing[0].signature.differentiable
        if words.gradient(spec.name) == found.array
    ]
    if not names:
        return None
    evidence = [one for case in failing for one in _evidence(subject, case, names[0])]
    told = found.array or names[0]
    named = next((one for rule in _EXPLAINERS if evidence and (one := rule(told, evidence))), None)
    return _with_rule(named, found, subject) if named is not None else None


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


def _evidence(subject: Subject, case: Case, name: str) -> Iterator[Evidence]:
    at = probe(subject, case, name)
    if at is None or not 0 < at.x.size <= _LARGEST:
        return
    gradient = evaluate(subject, case).gradients[name].astype(np.float64)
    numeric = differentiate_elements(at).gradient
    if np.isfinite(gradient).all() and np.isfinite(numeric).all() and np.any(numeric):
        yield Evidence(gradient, numeric, case.axes)


def _forward_factor(subject: Subject, failing: Sequence[Case]) -> Diagnosis | None:
    """An output that is the right one times the size of an axis: a sum where a mean belongs."""
    evidence = []
    for case in failing:
        right = reference(subject, case)
        for name, value in evaluate(subject, case).outputs.items():
            if right is not None and np.any(right.outputs[name]):
                numeric = right.outputs[name].astype(np.float64)
                evidence.append(Evidence(value.astype(np.float64), numeric, case.axes))
    found = _axis_power(evidence)
    if found is None:
        return None
    axis, power = found
    repair = {
        1: "summed over {axis} where the mean is meant",
        -1: "a mean over {axis} where the sum is meant",
    }
    if power not in repair:
        return None
    factor = _POWERS[power][0].format(axis=axis)
    return Diagnosis(
        name=f"forward-factor-{factor}",
        text=f"forward gives {factor} times the right value: {repair[power].format(axis=axis)}",
        evidence=_spread(evidence, axis),
    )


def _scale(one: Evidence) -> float | None:
    """Return s with analytic = s * numeric, if one number does it for all elements."""
    size = float(np.square(one.numeric).sum())
    s = float((one.analytic * one.numeric).sum()) / size
    residual = np.abs(one.analytic - s * one.numeric).max()
    return s if s != 0 and residual <= _FITS * np.abs(one.analytic).max() else None


def _batch_factor(told: str, evidence: Sequence[Evidence]) -> Diagnosis | None:
    """A constant factor that follows the size of one axis."""
    found = _axis_power(evidence)
    if found is None:
        return None
    axis, power = found
    factor, repair = (text.format(axis=axis) for text in _POWERS[power])
    return Diagnosis(
        name=f"factor-{factor}",
        text=f"{told} is {factor} times the right gradient: {repair}",
        evidence=_spread(evidence, axis),
    )


def _axis_power(evidence: Sequence[Evidence]) -> tuple[str, int] | None:
    """Return the axis and the power of its size that is the factor in every case."""
    scales = [_scale(one) for one in evidence]
    if not scales or any(s is None for s in scales):
        return None
    for axis in evidence[0].axes:
        sizes = [one.axes.get(axis, 0) for one in evidence]
        for power in _POWERS if len(set(sizes)) > 1 else ():
            wanted = [float(n) ** power if n else 0.0 for n in sizes]
            if all(
                s is not None and np.isclose(s, w, rtol=_FITS, atol=0)
                for s, w in zip(scales, wanted, strict=True)
            ):
                return axis, power
    return None


def _spread(evidence: Sequence[Evidence], axis: str) -> str:
    sizes = [one.axes[axis] for one in evidence]
    return (
        f"holds in all {len(evidence)} failing cases seen; {axis} was {min(sizes)} to {max(sizes)}"
    )


_POWERS: Mapping[int, tuple[str, str]] = {
    -1: ("1/{axis}", "divided by {axis} once too often"),
    1: ("{axis}", "multiplied by {axis}, or a division by {axis} is missing"),
    -2: ("1/{axis}^2", "divided by {axis} twice too often"),
    2: ("{axis}^2", "multiplied by {axis} twice, or two divisions are missing"),
}


def _constant_factor(told: str, evidence: Sequence[Evidence]) -> Diagnosis | None:
    """The same factor in every case."""
    scales = [_scale(one) for one in evidence]
    for factor, text in _CONSTANTS.items():
        if len(scales) > 1 and all(
            s is not None and np.isclose(s, factor, rtol=_FITS) for s in scales
        ):
            return Diagnosis(
                name="sign" if factor == -1 else f"factor-{factor:g}",
                text=f"{told} is {factor:g} times the right gradient: {text}",
                evidence=f"holds in all {len(evidence)} failing cases seen",
            )
    return None


def _zero(told: str, evidence: Sequence[Evidence]) -> Diagnosis | None:
    """A gradient that was prepared and never filled."""
    if len(evidence) < 2 or any(np.any(one.analytic) for one in evidence):
        return None
    return Diagnosis(
        name="all-zero",
        text=f"{told} is zero everywhere: allocated and never filled?",
        evidence=f"holds in all {len(evidence)} failing cases seen",
    )


_EXPLAINERS: tuple[Callable[[str, Sequence[Evidence]], Diagnosis | None], ...] = (
    _zero,
    _batch_factor,
    _constant_factor,
)
