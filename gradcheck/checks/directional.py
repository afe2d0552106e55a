"""All arrays of a case moved together: the adjoint identity, and directions in which ties stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from gradcheck.case import Case
from gradcheck.checks.evaluation import cotangents, deterministic, evaluate, finding
from gradcheck.checks.foreseeing import both_ways, evaluation_scripts, expected_upstream
from gradcheck.checks.sibling import in_regime
from gradcheck.checks.textbook import approximation, departs_from_reference
from gradcheck.findings import Finding, decimal
from gradcheck.numerics import Comparison, compare
from gradcheck.numerics.rounding import typical_scale
from gradcheck.subject import Array, Arrays, Forward, Script, Subject


def adjoint_identity_broken(subject: Subject, case: Case) -> Iterator[Finding]:
    """The gradients together do not give the slope along one common direction.

    What it finds: the sum over all arrays of <gradient, v>, which must be <upstream, J v>, the
    slope of the weighted output when all arrays move along v at once.
    Why it matters: this is what a gradient is for: the change of the loss along a step.
    A wrong layer: any wrong gradient; this asks all of them in one number.
    How to repair it: see which of the gradients is wrong by itself.
    Limits: not told beside a gradient that is wrong by itself.
    """
    rng = case.rng("adjoint")
    directions = {
        name: typical_scale(x) * rng.standard_normal(x.shape)
        for name, x in _movable(subject, case).items()
    }
    told = _slope(subject, case, directions, rng)
    if told is None:
        return
    claimed, slope = told
    headline = f"{subject.identity.symbol}: the gradients together do not give the slope of forward"
    detail = f"along one direction of all arrays: {decimal(claimed)} where {decimal(slope)} is it"
    yield finding(subject, case, "adjoint-identity-broken", headline, None, detail)


def tie_counted_twice(subject: Subject, case: Case) -> Iterator[Finding]:
    """At a tie the shares of the tied elements do not sum to the whole.

    What it finds: where elements are equal, the slope along directions that keep them equal,
    which any legal split of the gradient among them gives, and this one does not.
    Why it matters: images and counts are full of equal values; each then learns too much.
    A wrong layer: ``dx = dout * (x == x.max())``, which gives the whole to every maximum.
    How to repair it: give it to one of them (argmax), or divide by how many there are.
    Limits: a remark, since nothing is wrong beside the tie; where the direction itself crosses a
    kink, nothing is said.
    """
    tied = _tied(case)
    if tied is None:
        return
    case = tied
    moved = _movable(subject, case)
    values = np.unique(np.concatenate([np.zeros(1), *(one.ravel() for one in moved.values())]))
    rng = case.rng("ties")
    speeds = rng.uniform(0.5, 1.5, values.size) * rng.choice([-1.0, 1.0], values.size)
    speeds[values == 0.0] = 0.0  # where most kinks are
    directions = {name: speeds[np.searchsorted(values, one)] for name, one in moved.items()}
    told = _slope(subject, case, directions, rng)
    if told is None or _slope(subject, _untied(case, moved), directions, rng) is not None:
        return  # where nothing is tied it is wrong as well, or nothing is
    claimed, slope = told
    headline = f"{subject.identity.symbol}: at a tie the shares do not sum to the whole gradient"
    detail = f"equal elements moved together: {decimal(claimed)} where {decimal(slope)} is it"
    yield finding(subject, case, "tie-counted-twice", headline, None, detail)


def slope_needed(subject: Subject, case: Case, upstream: Arrays) -> Iterator[Script]:
    """Yield what is asked at the point of the case itself, beside its differences."""
    if case.smooth:
        yield (Forward(case.primals),)
        yield both_ways(case, upstream)


def tie_needed(subject: Subject, case: Case, upstream: Arrays) -> Iterator[Script]:
    """Yield what is asked where elements are equal, beside differences."""
    tied = _tied(case)
    if tied is not None and (theirs := expected_upstream(subject, tied)) is not None:
        if tied is not case:
            yield from evaluation_scripts(subject, tied)
        yield from slope_needed(subject, tied, theirs)


def _tied(case: Case) -> Case | None:
    return case if case.regime == "tied" else in_regime(case, "tied")


def _untied(case: Case, moved: Arrays) -> Case:
    """Return the case with all elements moved apart."""
    rng = case.rng("apart")
    apart = {name: one + rng.uniform(-0.3, 0.3, one.shape) for name, one in moved.items()}
    return replace(case, primals={**case.primals, **apart}, memory={})


def _movable(subject: Subject, case: Case) -> dict[str, Array]:
    """Return the arrays that have a gradient of the right shape."""
    gradients = evaluate(subject, case).gradients
    return {
        one.name: case.primals[one.name]
        for one in case.signature.differentiable
        if one.domain == "real"
        and one.name in gradients
        and gradients[one.name].shape == case.primals[one.name].shape
        and case.primals[one.name].dtype == np.float64
    }


def _slope(
    subject: Subject, case: Case, directions: Arrays, rng: np.random.Generator
) -> tuple[float, float] | None:
    """Return the claimed and the right slope along a direction, None where they agree."""
    base = evaluate(subject, case)
    if (
        base.raised
        or base.mutated
        or not directions
        or not case.smooth
        or not deterministic(subject, case)
    ):
        return None
    if approximation(subject, case) or departs_from_reference(subject, case):
        return None  # the gradient is not that of this forward, and need not be
    upstream = cotangents(subject, case, base.outputs)

    def primals(t: Array) -> dict[str, Array]:
        return {**case.primals, **{n: case.primals[n] + t * v for n, v in directions.items()}}

    def forward(points: Sequence[Array]) -> list[Array]:
        answers = subject.forward_many([primals(t) for t in points], case.options)
        return [np.asarray(_weighted(one.outputs, upstream)) for one in answers]

    def pullback(t: Array, weight: Array) -> Array:
        answer = subject.vjp(primals(t), upstream, case.options)
        return np.asarray(weight * _weighted(answer.gradients, directions))

    zero, one = np.zeros(()), np.ones(())
    told: Comparison = compare(forward, pullback, zero, one, rng)
    if told.outcome != "disagrees":
        return None
    h = 2.0**-14
    ahead, behind = forward([np.asarray(h), np.asarray(-h)])
    claimed, slope = float(pullback(zero, one)), float(ahead - behind) / (2 * h)
    return (claimed, slope) if np.isfinite([claimed, slope]).all() else None


def _weighted(arrays: Mapping[str, Array], weights: Arrays) -> float:
    """Return the sum of all elements times their weights; nan where an array is not there."""
    if any(name not in arrays or arrays[name].shape != w.shape for name, w in weights.items()):
        return float("nan")
    with np.errstate(all="ignore"):  # the layer's own infinities
        return float(sum(float(np.sum(arrays[name] * w)) for name, w in weights.items()))
