"""Each gradient against differences of the layer's own forward."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np

from gradcheck.cases import Case
from gradcheck.checks.evaluation import cotangents, deterministic, evaluate, finding
from gradcheck.checks.textbook import approximation, gradient_explained
from gradcheck.findings import Finding, Numbers, Outcome, decimal
from gradcheck.numerics import (
    Comparison,
    Mode,
    Probe,
    compare,
    differentiate_elements,
    locate,
)
from gradcheck.signature import ArraySpec, Role
from gradcheck.subject import Array, Subject

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
    Limits: a true infinite slope (square root at zero) is told as well.
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
            yield finding(subject, case, "gradient-not-finite", headline, name)


def probe(subject: Subject, case: Case, name: str) -> Probe | None:
    """Return the probe of one array of a case, or None where it cannot be compared."""
    evaluation = evaluate(subject, case)
    gradient = evaluation.gradients.get(name)
    if gradient is None or gradient.shape != case.primals[name].shape:
        return None
    line = _Line(subject, case, name)
    return Probe(line.forward, line.pullback, *line.point)


def _gradients(subject: Subject, case: Case, role: Role, check: str) -> Iterator[Finding | Outcome]:
    evaluation = evaluate(subject, case)
    for spec in case.signature.differentiable:
        gradient = evaluation.gradients.get(spec.name)
        if spec.role != role or gradient is None:
            continue
        if not deterministic(subject, case):
            reason = "forward gives another answer every time"
            yield Outcome(verdict="inconclusive", array=spec.name, reason=reason)
        elif gradient.shape == case.primals[spec.name].shape:
            yield _judge(subject, case, spec, check)


def _judge(subject: Subject, case: Case, spec: ArraySpec, check: str) -> Finding | Outcome:
    line = _Line(subject, case, spec.name)
    x, cotangent, border = line.point
    rng = case.rng("directions", spec.name)
    mode = cast(Mode, case.mode)
    told = compare(line.forward, line.pullback, x, cotangent, rng, border=border, mode=mode)
    if told.outcome != "disagrees":
        return _outcome(told, spec.name)
    numbers = _numbers(line, rng)
    if gradient_explained(subject, case, spec.name):
        size = abs(numbers.analytic - numbers.numeric) / _typical(numbers, line.claimed)
        return _explained(subject, case, spec.name, check, size if case.generic else 0.0)
    words = subject.identity.words
    headline = (
        f"{subject.identity.symbol}: {words.gradient(spec.name)} is wrong, "
        f"{decimal(numbers.analytic)} where {decimal(numbers.numeric)} is right"
    )
    found = finding(subject, case, check, headline, spec.name)
    return Finding(
        check=check,
        code="",
        headline=headline,
        array=words.gradient(spec.name),
        numbers=numbers,
        axes=found.axes,
        shapes=found.shapes,
        case=found.case,
    )


class _Line:
    """One array of a case as a function of itself alone, over all outputs laid end to end."""

    def __init__(self, subject: Subject, case: Case, name: str) -> None:
        self.subject, self.case, self.name = subject, case, name
        evaluation = evaluate(subject, case)
        self.outputs = evaluation.outputs
        self.claimed = evaluation.gradients[name]

    @property
    def point(self) -> tuple[Array, Array, Array | None]:
        """The array itself, the cotangent laid end to end, and the distance to the border."""
        upstream = cotangents(self.subject, self.case, self.outputs)
        x = self.case.primals[self.name]
        bounded = self.case.signature.by_name[self.name].domain != "real"
        return x, _laid(list(upstream.values())), np.abs(x) if bounded else None

    def forward(self, points: Sequence[Array]) -> list[Array]:
        """Return the outputs at each point; nan where the layer raised or gave no array."""
        primals = [{**self.case.primals, self.name: point} for point in points]
        answers = self.subject.forward_many(primals, self.case.options)
        return [
            _laid(list(one.outputs.values())) if one.outputs else self._nothing() for one in answers
        ]

    def pullback(self, x: Array, cotangent: Array) -> Array:
        """Return the claimed gradient at ``x``; nan where the layer gave none."""
        split, at = {}, 0
        for name, output in self.outputs.items():
            split[name] = cotangent[at : at + output.size].reshape(output.shape)
            at += output.size
        primals = {**self.case.primals, self.name: x}
        answer = self.subject.vjp(primals, split, self.case.options)
        gradient = answer.gradients.get(self.name)
        return gradient if gradient is not None and gradient.shape == x.shape else x * np.nan

    def _nothing(self) -> Array:
        return np.full(sum(one.size for one in self.outputs.values()), np.nan)


def _laid(arrays: Sequence[Array]) -> Array:
    return arrays[0].ravel() if len(arrays) == 1 else np.concatenate([a.ravel() for a in arrays])


def _numbers(line: _Line, rng: np.random.Generator) -> Numbers:
    """Return the worst element of a wrong gradient, differenced for itself.

    In a small array every element is; in a large one those that a bisection finds.
    """
    x, cotangent, border = line.point
    at = Probe(line.forward, line.pullback, x, cotangent, border)
    only = None
    if x.size > _ELEMENTS_SHOWN:
        largest = int(np.argmax(np.abs(at.g)))
        only = locate(at, rng) or (tuple(map(int, np.unravel_index(largest, x.shape))),)
    elements = differentiate_elements(at, only)
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
        wrong=max(1, int(wrong.sum())),
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
