"""Backward is linear in the upstream gradient: that is what a vector-Jacobian product is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradcheck.cases import Case
from gradcheck.checks.evaluation import cotangents, deterministic, evaluate, finding
from gradcheck.findings import Finding
from gradcheck.numerics.rounding import smallest_normal, unit_roundoff
from gradcheck.subject import Array, Subject


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
    for factor, shift in ((-1.75, 0.5), (-4.0, 0.0)):
        upstream = {name: (u * factor + shift).astype(u.dtype) for name, u in given.items()}
        second = subject.vjp(case.primals, upstream, case.options)
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
    """Twice the upstream gradient does not give twice the gradient.

    What it finds: gradients that are not linear in the upstream gradient: zero must give zero,
    and four times the upstream four times the gradient, exactly (a power of two is not rounded).
    Why it matters: the chain rule is linear; a backward that clips, takes signs or keeps state
    from an earlier call is not.
    A wrong layer: masks with ``dout > 0`` and not with ``x > 0``, or accumulates into dW.
    How to repair it: let the upstream gradient enter only as a factor.
    Limits: silent where overflow or underflow comes in between.
    """
    first = evaluate(subject, case)
    if subject.unit_upstream or not first.gradients or not deterministic(subject, case):
        return
    given = cotangents(subject, case, first.outputs)
    words = subject.identity.words
    for factor in (-4.0, 0.0):
        scaled = {name: array * array.dtype.type(factor) for name, array in given.items()}
        second = subject.vjp(case.primals, scaled, case.options)
        for name, gradient in first.gradients.items():
            if second.raised or name not in second.gradients:
                continue
            if not _is_multiple(second.gradients[name], gradient, factor):
                headline = (
                    f"{subject.identity.symbol}: {factor:g} times {words.upstream} does not give "
                    f"{factor:g} times {words.gradient(name)}"
                )
                yield finding(subject, case, "upstream-not-linear", headline, name)
                return


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
