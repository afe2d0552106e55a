"""Backward is linear in the upstream gradient: that is what a vector-Jacobian product is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from gradcheck.case import Case
from gradcheck.checks.evaluation import agree, cotangents, deterministic, evaluate, finding
from gradcheck.checks.foreseeing import both_ways
from gradcheck.checks.sameness import alike, cancels
from gradcheck.findings import Finding
from gradcheck.numerics.rounding import smallest_normal, unit_roundoff
from gradcheck.subject import Array, Arrays, Evaluation, Script, Subject, merged

_FACTORS = (4.0, 2.0**16, 2.0**-16)  # a threshold may be anywhere
_UNLIKE = -1.75, 0.5  # a multiple and a shift: another upstream gradient in every element


def upstream_ignored(subject: Subject, case: Case) -> Iterator[Finding]:
    """Backward does not use the upstream gradient.

    What it finds: gradients that stay the same, bit for bit, when the upstream gradient is
    replaced by another one.
    Why it matters: the layer is right only as the last one of a network, under a loss whose own
    gradient is 1.
    A wrong layer: ``return 1 - self.y ** 2`` for tanh, without ``dout *``.
    How to repair it: multiply the local derivative by the upstream gradient (chain rule).
    Limits: a loss that takes ``dout=1`` and ignores it is taught in textbooks; it passes with a
    remark, and fails with ``--strict``.
    """
    first = evaluate(subject, case)
    if not any(np.any(gradient) for gradient in first.gradients.values()):
        return
    words = subject.identity.words
    symbol = subject.identity.symbol
    if subject.unit_upstream and not subject.takes_upstream:
        return  # by convention: backward() has no place for it
    if subject.unit_upstream:
        headline = f"{symbol}.backward ignores {words.upstream} and assumes 1"
        detail = "right as the last layer of a network; wrong as soon as the loss is scaled"
        yield Finding(
            check="upstream-ignored", code="", headline=headline, verdict="pass", detail=detail
        )
        return
    given = cotangents(subject, case, first.outputs)
    # The second, too: what is left of a gradient that cancels is rounding, which may well be the
    # same for two upstreams, but a factor of four is exact and goes through to it.
    same = set(first.gradients)
    others = [_multiple(given, *_UNLIKE), _multiple(given, -4.0)]
    for second in _answers(subject, case, others):
        if second.raised or set(second.gradients) != set(first.gradients):
            return
        same = {
            name
            for name in same
            if np.array_equal(first.gradients[name], second.gradients[name], equal_nan=True)
        }
    for name, gradient in first.gradients.items():
        if name in same and np.any(np.isfinite(gradient) & (gradient != 0)):
            headline = f"{symbol}: {words.gradient(name)} ignores {words.upstream}"
            detail = f"another {words.upstream} gives the very same {words.gradient(name)}"
            yield finding(subject, case, "upstream-ignored", headline, name, detail)


def upstream_not_linear(subject: Subject, case: Case) -> Iterator[Finding]:
    """A multiple of the upstream gradient does not give the same multiple of the gradient.

    What it finds: zero must give zero, and a power of two times the upstream gradient (4, 65536,
    1/65536) that many times the gradient, exactly: a power of two is not rounded.
    Why it matters: the chain rule is linear; a backward that clips, normalises or keeps state from
    an earlier call is not.
    A wrong layer: ``np.clip(dout, -1, 1)`` on the way, or accumulates into dW.
    How to repair it: let the upstream gradient enter only as a factor.
    Limits: silent where overflow or underflow comes in between.
    """
    words = subject.identity.words
    factors = _FACTORS[case.seed % len(_FACTORS)], 0.0
    for factor, name in _unlike_multiples(subject, case, factors):
        headline = (
            f"{subject.identity.symbol}: {factor:g} times {words.upstream} does not give "
            f"{factor:g} times {words.gradient(name)}"
        )
        yield finding(subject, case, "upstream-not-linear", headline, name)
        return


def upstream_masks(subject: Subject, case: Case) -> Iterator[Finding]:
    """The sign of the upstream gradient decides what passes.

    What it finds: the upstream gradient with all signs turned does not give the gradient with all
    signs turned, although positive multiples do.
    Why it matters: elements whose upstream gradient is of the wrong sign learn nothing.
    A wrong layer: masks with ``dout > 0`` where it means ``x > 0``.
    How to repair it: take the mask from what forward saw.
    Limits: silent where overflow or underflow comes in between.
    """
    words = subject.identity.words
    for _, name in _unlike_multiples(subject, case, (-4.0,)):
        if any(_unlike_multiples(subject, case, (*_FACTORS, 0.0))):
            return
        headline = (
            f"{subject.identity.symbol}: the sign of {words.upstream} decides what reaches "
            f"{words.gradient(name)}"
        )
        detail = f"turning all signs of {words.upstream} does not turn those of the gradient"
        yield finding(subject, case, "upstream-masks", headline, name, detail)
        return


def upstream_not_additive(subject: Subject, case: Case) -> Iterator[Finding]:
    """The sum of two upstream gradients does not give the sum of the gradients.

    What it finds: backward of d1, of d2 and of d1 + d2 after the same forward, which do not add
    up, although multiples are right.
    Why it matters: the chain rule is linear; where a value is used twice its two upstream
    gradients are added.
    A wrong layer: passes only the largest upstream gradient of each row.
    How to repair it: let the upstream gradient enter only as a factor.
    Limits: to half of the digits, since sums are rounded.
    """
    first = evaluate(subject, case)
    if subject.unit_upstream or not first.gradients or not deterministic(subject, case):
        return
    other, both = _second_and_sum(case, cotangents(subject, case, first.outputs))
    second = subject.vjp(case.primals, other, case.options)
    third = subject.vjp(case.primals, both, case.options)
    words = subject.identity.words
    # A gradient may be zero but for rounding (a bias under a softmax): of the size of the others.
    sizes = (float(np.abs(one[np.isfinite(one)]).max(initial=0.0)) for one in _all(first, second))
    scale = max(sizes, default=0.0)
    for name, gradient in first.gradients.items():
        if name not in second.gradients or name not in third.gradients:
            continue
        parts = gradient, second.gradients[name]
        if parts[0].shape != parts[1].shape or not all(np.isfinite(one).all() for one in parts):
            continue
        half = float(unit_roundoff(gradient.dtype)) ** 0.5
        if cancels(np.stack(parts), (*both.values(), *first.outputs.values()), half):
            continue
        both_of = _gradient_at(subject, case, both, name)
        together = alike(third.gradients[name], parts[0] + parts[1], scale, _all(first))
        # What a matrix that is nearly singular loses is seen by moving the primals a little.
        if not together and not agree(parts[0] + parts[1], both_of, case):
            gradient_word = words.gradient(name)
            headline = (
                f"{subject.identity.symbol}: the sum of two upstream gradients does not give the "
                f"sum of both {gradient_word}"
            )
            yield finding(subject, case, "upstream-not-additive", headline, name)
            return


def sums_needed(subject: Subject, case: Case, upstream: Arrays) -> Iterator[Script]:
    """Yield what is asked of a backward to see that it is additive."""
    if not subject.unit_upstream:
        yield from (both_ways(case, one) for one in _second_and_sum(case, upstream))


def another_needed(subject: Subject, case: Case, upstream: Arrays) -> Iterator[Script]:
    """Yield what is asked of a backward to see that it looks at the upstream gradient."""
    if not subject.unit_upstream:
        yield both_ways(case, _multiple(upstream, *_UNLIKE))


def multiples_needed(subject: Subject, case: Case, upstream: Arrays) -> Iterator[Script]:
    """Yield what is asked of a backward to see that multiples go through."""
    if not subject.unit_upstream:
        yield from (both_ways(case, one) for one in _usual(case, upstream))


def _second_and_sum(case: Case, upstream: Arrays) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return another upstream gradient, and the sum of both."""
    rng = case.rng("second upstream")
    other = {
        name: rng.standard_normal(one.shape).astype(one.dtype) * np.abs(one).max(initial=0.0)
        for name, one in upstream.items()
    }
    return other, {name: one + other[name] for name, one in upstream.items()}


def _usual(case: Case, upstream: Arrays) -> list[dict[str, Array]]:
    """Return the multiples that the checks of this file ask for."""
    factors = (-4.0, _FACTORS[case.seed % len(_FACTORS)], 0.0)
    return [_multiple(upstream, factor) for factor in factors]


def _gradient_at(
    subject: Subject, case: Case, upstream: Arrays, name: str
) -> Callable[[Arrays], Array | None]:
    def gradient(primals: Arrays) -> Array | None:
        return subject.vjp(primals, upstream, case.options).gradients.get(name)

    return gradient


def _all(*answers: Evaluation) -> list[Array]:
    arrays = [one for answer in answers for one in answer.gradients.values()]
    return arrays + [one for answer in answers for one in answer.outputs.values()]


def _unlike_multiples(
    subject: Subject, case: Case, factors: tuple[float, ...]
) -> Iterator[tuple[float, str]]:
    """Yield factors, and the gradients that do not grow by them as the upstream gradient does."""
    first = evaluate(subject, case)
    if subject.unit_upstream or not first.gradients or not deterministic(subject, case):
        return
    given = cotangents(subject, case, first.outputs)
    scaled = [_multiple(given, factor) for factor in factors]
    for factor, second in zip(factors, _answers(subject, case, scaled), strict=True):
        for name, gradient in first.gradients.items():
            if second.raised or name not in second.gradients:
                continue
            if not _is_multiple(second.gradients[name], gradient, factor):
                yield factor, name


def _multiple(upstream: Arrays, factor: float, shift: float = 0.0) -> dict[str, Array]:
    """Return a multiple of an upstream gradient, shifted, in its own precision."""
    multiple = {name: array * array.dtype.type(factor) for name, array in upstream.items()}
    if shift:
        multiple = {name: array + array.dtype.type(shift) for name, array in multiple.items()}
    return multiple


def _answers(subject: Subject, case: Case, upstreams: list[dict[str, Array]]) -> list[Evaluation]:
    """Return the answers to upstream gradients; the usual ones are asked for together, once."""
    known = case.memory.setdefault(("upstreams", id(subject)), {})
    keys = [_key(upstream) for upstream in upstreams]
    new = {key: one for key, one in zip(keys, upstreams, strict=True) if key not in known}
    if not known:
        given = cotangents(subject, case, evaluate(subject, case).outputs)
        for usual in _usual(case, given):
            new.setdefault(_key(usual), usual)
    scripts = [both_ways(case, upstream) for upstream in new.values()]
    for key, steps in zip(new, subject.run_many(scripts, case.options), strict=True):
        known[key] = merged(steps)
    return [known[key] for key in keys]


def _key(upstream: Arrays) -> tuple[bytes, ...]:
    return tuple(array.tobytes() for array in upstream.values())


def _is_multiple(scaled: Array, gradient: Array, factor: float) -> bool:
    if scaled.shape != gradient.shape:
        return False
    with np.errstate(all="ignore"):
        wanted = gradient.astype(np.float64) * factor
    usable = np.isfinite(wanted) & np.isfinite(scaled)
    # A power of two scales every rounding with it, up to sums that a library may reorder.
    slack = 64 * unit_roundoff(gradient.dtype) * np.abs(wanted[usable]).max(initial=0.0)
    # What underflows on the way is not scaled, and may be multiplied by weights afterwards.
    lost = 2.0**10 * smallest_normal(gradient.dtype)
    return bool((np.abs(scaled[usable] - wanted[usable]) <= slack + max(lost, 1e-290)).all())
