"""Each gradient against differences of the layer's own forward."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np
from msgspec.structs import replace

from gradcheck.case import Case
from gradcheck.checks.evaluation import deterministic, evaluate, finding
from gradcheck.checks.foreseeing import both_ways
from gradcheck.checks.line import Line
from gradcheck.checks.saturation import lost_in_saturation
from gradcheck.checks.textbook import (
    approximation,
    departs_from_reference,
    equals_reference,
    gradient_explained,
)
from gradcheck.findings import Finding, Numbers, Outcome, decimal
from gradcheck.numerics import (
    Comparison,
    Elements,
    Mode,
    Probe,
    agree_jointly,
    compare,
    differentiate_elements,
    locate,
)
from gradcheck.signature import ArraySpec, Role
from gradcheck.subject import Array, Arrays, Forward, Script, Subject

_ELEMENTS_SHOWN = 128


def input_gradient_wrong(subject: Subject, case: Case) -> Iterator[Finding | Outcome]:
    """The gradient of an input is wrong.

    What it finds: an input gradient outside the error bound of the differences of forward,
    confirmed by independent evaluations and at a neighbouring point.
    Why it matters: every layer below learns from this gradient.
    A wrong layer: a softmax whose backward multiplies by y (1 - y), the diagonal of its Jacobian.
    How to repair it: derive dL/dx from forward for the smallest case shown, by hand.
    Limits: errors below the resolution in the report cannot be seen in this arithmetic.
    """
    yield from _gradients(subject, case, "input", "input-gradient-wrong")


def parameter_gradient_wrong(subject: Subject, case: Case) -> Iterator[Finding | Outcome]:
    """The gradient of a parameter is wrong.

    What it finds: a parameter gradient outside the error bound of the differences of forward,
    confirmed by independent evaluations and at a neighbouring point.
    Why it matters: the optimiser follows it; a constant factor only looks like another learning
    rate until weight decay or Adam comes in.
    A wrong layer: divides dW by the batch size although the loss has taken the mean already.
    How to repair it: sum over the batch what forward broadcast over the batch, nothing else.
    Limits: courses that divide by the batch size inside the layer need that convention.
    """
    yield from _gradients(subject, case, "parameter", "parameter-gradient-wrong")


def gradient_missing(subject: Subject, case: Case) -> Iterator[Finding]:
    """A gradient is not there after backward.

    What it finds: backward returns None or too few gradients, or leaves no ``dW`` behind.
    Why it matters: the optimiser skips the parameter, or uses the gradient of an earlier batch.
    A wrong layer: computes ``dW`` as a local variable and forgets ``self.dW = dW``.
    How to repair it: return the input's gradient, and store those of the parameters.
    Limits: other names than d-and-the-parameter's-name are found only if they are usual.
    """
    evaluation = evaluate(subject, case)
    if evaluation.raised or not evaluation.outputs:
        return
    words = subject.identity.words
    for spec in case.signature.differentiable:
        if spec.name in evaluation.missing:
            headline = f"{subject.identity.symbol}: no gradient of {words.array(spec.name)}"
            why = evaluation.missing[spec.name]
            yield finding(subject, case, "gradient-missing", headline, spec.name, why)


def gradient_not_finite(subject: Subject, case: Case) -> Iterator[Finding]:
    """A gradient holds nan or infinity where the output is finite.

    What it finds: non-finite gradients at points where all outputs are finite numbers.
    Why it matters: one nan in one step and every parameter is nan from then on.
    A wrong layer: divides by a standard deviation that is zero for a constant row.
    How to repair it: the smallest case shows the values that do it.
    Limits: a true infinite slope (square root at zero) is told as well; a remark at inputs in the
    thousands, as much taught code overflows there.
    """
    evaluation = evaluate(subject, case)
    if not all(np.isfinite(one).all() for one in evaluation.outputs.values()):
        return
    words = subject.identity.words
    for name, gradient in evaluation.gradients.items():
        if not np.isfinite(gradient).all():
            bad = gradient[~np.isfinite(gradient)].ravel()[0]
            headline = (
                f"{subject.identity.symbol}: {words.gradient(name)} is {bad} "
                "although the output is finite"
            )
            found = finding(subject, case, "gradient-not-finite", headline, name)
            huge = case.regime == "huge"
            yield replace(found, verdict="pass", case={}) if huge else found


def probe(subject: Subject, case: Case, name: str) -> Probe | None:
    """Return the probe of one array of a case, or None where it cannot be compared."""
    evaluation = evaluate(subject, case)
    gradient = evaluation.gradients.get(name)
    if gradient is None or gradient.shape != case.primals[name].shape:
        return None
    line = Line(subject, case, name)
    return Probe(line.forward, line.pullback, *line.point)


def differences(subject: Subject, case: Case, name: str) -> Elements:
    """Return the numerical gradient of a small array, element by element; remembered."""
    key = ("differences", id(subject), name)
    if key not in case.memory:
        line = Line(subject, case, name)
        case.memory[key] = differentiate_elements(Probe(line.forward, line.pullback, *line.point))
    known: Elements = case.memory[key]
    return known


def claims_needed(subject: Subject, case: Case, upstream: Arrays) -> Iterator[Script]:
    """Yield what is asked at the point of the case itself, beside its differences."""
    moved = case.signature.differentiable if case.smooth else ()
    if moved:
        yield (Forward(case.primals),)
    if len(moved) == 1:  # the claims of several are there, and mostly accepted together
        yield both_ways(case, upstream)


def _gradients(subject: Subject, case: Case, role: Role, check: str) -> Iterator[Finding | Outcome]:
    evaluation = evaluate(subject, case)
    for spec in case.signature.differentiable if case.smooth else ():
        gradient = evaluation.gradients.get(spec.name)
        if spec.role != role or gradient is None:
            continue
        if not deterministic(subject, case):
            reason = "forward gives another answer every time"
            yield Outcome(verdict="inconclusive", array=spec.name, reason=reason)
        elif spec.name in (accepted := accepted_jointly(subject, case)):
            sharp = accepted[spec.name]
            yield Outcome(verdict="pass", array=spec.name, resolution=sharp)
        elif gradient.shape == case.primals[spec.name].shape:
            yield from _judge(subject, case, spec, check)


def accepted_jointly(subject: Subject, case: Case) -> dict[str, float]:
    """Return the arrays that one look at all of them accepts; remembered for the case."""
    key = ("joint", id(subject))
    if key not in case.memory:
        case.memory[key] = _look_jointly(subject, case) if case.mode == "fast" else {}
    known: dict[str, float] = case.memory[key]
    return known


def _look_jointly(subject: Subject, case: Case) -> dict[str, float]:
    claims = {
        name: gradient
        for name, gradient in evaluate(subject, case).gradients.items()
        if gradient.shape == case.primals[name].shape
    }
    if len(claims) < 2:
        return {}
    lines = {name: Line(subject, case, name) for name in claims}
    points = {name: line.point for name, line in lines.items()}
    first = next(iter(lines.values()))
    return agree_jointly(
        first.forward_named,
        {name: x for name, (x, _, _) in points.items()},
        claims,
        next(iter(points.values()))[1],
        case.rng("directions"),
        {name: border for name, (_, _, border) in points.items() if border is not None},
    )


def _judge(
    subject: Subject, case: Case, spec: ArraySpec, check: str
) -> Iterator[Finding | Outcome]:
    told = compared(subject, case, spec.name)
    if told.outcome != "disagrees":
        yield _outcome(told, spec.name)
        return
    line = Line(subject, case, spec.name)
    numbers = worst_element(line, case.rng("elements", spec.name))
    if line.claimed.size <= _ELEMENTS_SHOWN and not numbers.wrong:
        reason = "only sums of elements differ by more than their bounds, and no element does"
        yield Outcome(verdict="inconclusive", array=spec.name, reason=reason)
        return
    if gradient_explained(subject, case, spec.name):
        size = abs(numbers.analytic - numbers.numeric) / _typical(numbers, line.claimed)
        yield Outcome(verdict="pass", array=spec.name, resolution=told.resolution)
        yield _explained(subject, case, spec.name, check, size if case.generic else 0.0)
        return
    if lost_in_saturation(subject, case, spec.name, numbers):
        reason = "saturated: the gradient is nothing beside that of ordinary values"
        yield Outcome(verdict="inconclusive", array=spec.name, reason=reason)
        return
    excused = not case.generic and departs_from_reference(subject, case)
    if excused and equals_reference(subject, case, spec.name):
        reason = f"forward is not that of the usual {subject.identity.kind} here, the gradient is"
        yield Outcome(verdict="inconclusive", array=spec.name, reason=reason)
        return
    words = subject.identity.words
    headline = (
        f"{subject.identity.symbol}: {words.gradient(spec.name)} is wrong, "
        f"{decimal(numbers.analytic)} where {decimal(numbers.numeric)} is right"
    )
    found = finding(subject, case, check, headline, words.gradient(spec.name))
    yield replace(found, numbers=numbers)


def compared(subject: Subject, case: Case, name: str) -> Comparison:
    """Return the verdict on the gradient of one array, which has its shape; remembered."""
    key = ("compared", id(subject), name)
    if key not in case.memory:
        line = Line(subject, case, name)
        x, cotangent, border = line.point
        rng = case.rng("directions", name)
        mode = cast(Mode, case.mode)
        case.memory[key] = compare(
            line.forward, line.pullback, x, cotangent, rng, border=border, mode=mode
        )
    told: Comparison = case.memory[key]
    return told


def worst_element(line: Line, rng: np.random.Generator) -> Numbers:
    """Return the worst element of a wrong gradient, differenced for itself.

    In a small array every element is; in a large one those that a bisection finds.
    """
    x, cotangent, border = line.point
    if x.size > _ELEMENTS_SHOWN:
        at = Probe(line.forward, line.pullback, x, cotangent, border)
        largest = int(np.argmax(np.abs(at.g)))
        only = locate(at, rng) or (tuple(map(int, np.unravel_index(largest, x.shape))),)
        elements = differentiate_elements(at, only)
    else:
        elements = differences(line.subject, line.case, line.name)
    claimed = line.claimed.astype(np.float64)
    excess = np.abs(claimed - elements.gradient)
    with np.errstate(invalid="ignore"):
        wrong = excess > elements.error
    excess = np.where(np.isfinite(excess), excess, 0.0)
    index = np.unravel_index(int(np.argmax(excess)), x.shape) if x.ndim else ()
    return Numbers(
        index=tuple(int(one) for one in index),
        analytic=float(claimed[index]),
        numeric=float(elements.gradient[index]),
        error_bound=float(elements.error[index]),
        wrong=int(wrong.sum()),
        total=x.size,
    )


def _typical(numbers: Numbers, claimed: Array) -> float:
    return float(np.abs(claimed).max(initial=0.0)) or abs(numbers.numeric) or 1.0


def _explained(subject: Subject, case: Case, name: str, check: str, size: float) -> Finding:
    words = subject.identity.words
    named = approximation(subject, case)
    headline = (
        f"{subject.identity.symbol}: forward computes {named}, "
        f"{words.gradient(name)} is the gradient of log(p)"
    )
    amount = f"by up to {size:.0e} of the gradient" if size else "where p is tiny"
    detail = f"a textbook approximation that keeps the logarithm finite; the two differ {amount}"
    return Finding(
        check=check,
        code="",
        headline=headline,
        verdict="pass",
        detail=detail,
        array=name,
        size=size,
    )


def _outcome(told: Comparison, name: str) -> Outcome:
    if told.outcome in ("agrees", "kink", "point-only"):
        kept = told.resolution if told.outcome == "agrees" else None
        return Outcome(verdict="pass", array=name, resolution=kept, reason=told.reason)
    return Outcome(verdict="inconclusive", array=name, reason=told.reason)
