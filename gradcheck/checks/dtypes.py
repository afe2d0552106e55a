"""Dtypes: float64 in, float64 out; float32 the same to its own digits; whole numbers too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import numpy as np

from gradcheck.case import Case
from gradcheck.checks.evaluation import agree, cotangents, deterministic, evaluate, finding
from gradcheck.checks.foreseeing import evaluation_scripts, expected_upstream
from gradcheck.checks.sameness import cancels, difference, first_unlike
from gradcheck.findings import Finding
from gradcheck.subject import Array, Arrays, Backward, Forward, Script, Subject

_SINGLE = 2.0**-11  # half of the digits of float32


def precision_lost(subject: Subject, case: Case) -> Iterator[Finding]:
    """Float64 goes in and float32 comes out.

    What it finds: outputs or gradients of half the precision of what went in.
    Why it matters: everything after the layer has 7 digits and not 16; a gradient check at
    float64 steps sees only noise.
    A wrong layer: ``np.zeros(shape, dtype=np.float32)`` as the buffer of the result.
    How to repair it: ``np.zeros(shape, dtype=x.dtype)``.
    Limits: a remark, since whole frameworks compute in float32 on purpose.
    """
    if any(one.dtype == np.float32 for one in case.primals.values()):
        return
    base = evaluate(subject, case)
    words = subject.identity.words
    for name, one in (*base.outputs.items(), *base.gradients.items()):
        if one.dtype in (np.float32, np.float16):
            what = words.gradient(name) if name in base.gradients else "the output"
            headline = f"{subject.identity.symbol}: {what} is {one.dtype}, float64 went in"
            yield finding(subject, case, "precision-lost", headline, name)
            return


def precision_widened(subject: Subject, case: Case) -> Iterator[Finding]:
    """Float32 goes in, parameters included, and float64 comes out.

    What it finds: outputs or gradients of twice the bytes of everything that went in.
    Why it matters: all layers after it compute in float64, with twice the memory and time.
    A wrong layer: ``np.zeros(shape)`` as the buffer of the result, or a factor ``np.sqrt(2)``,
    which is a NumPy float64 and wins over float32.
    How to repair it: ``np.zeros(shape, dtype=x.dtype)``, ``math.sqrt(2)``.
    Limits: in preview; all that comes out is right, and much taught code does it.
    """
    single, base = _singles(case.primals), evaluate(subject, case)
    if base.raised or not any(one.dtype == np.float32 for one in single.values()):
        return
    upstream = _singles(cotangents(subject, case, base.outputs))
    low = subject.vjp(single, upstream, case.options)
    words = subject.identity.words
    for name, one in (*low.outputs.items(), *low.gradients.items()):
        if one.dtype == np.float64:
            what = words.gradient(name) if name in low.gradients else "the output"
            headline = f"{subject.identity.symbol}: {what} is float64, float32 went in"
            yield finding(subject, case, "precision-widened", headline, name)
            return


def single_precision_differs(subject: Subject, case: Case) -> Iterator[Finding]:
    """Float32 inputs give another answer than the same values in float64.

    What it finds: outputs or gradients that differ by more than half of the digits of float32,
    where a change of the inputs in those digits does not explain it.
    Why it matters: networks are trained in float32.
    A wrong layer: adds 1e-50 before a logarithm, which is zero in float32.
    How to repair it: choose constants that float32 can hold, and sums that do not cancel.
    Limits: ordinary values only; overflow at large ones is another check's.
    """
    base = evaluate(subject, case)
    if base.raised or base.mutated or not deterministic(subject, case):
        return
    single, upstream = _singles(case.primals), _singles(cotangents(subject, case, base.outputs))
    low = subject.vjp(single, upstream, case.options)
    if low.raised or not base.gradients:
        return
    rounded, wide = _doubles(single), _doubles(upstream)
    here = cache(lambda: subject.vjp(rounded, wide, case.options))  # once for all arrays

    def at(name: str) -> Callable[[Arrays], Array | None]:
        def array(primals: Arrays) -> Array | None:
            moved = primals is not rounded
            answer = subject.vjp(primals, wide, case.options) if moved else here()
            return {**answer.gradients, **answer.outputs}.get(name)

        return array

    near = replace(case, primals=rounded, memory={})
    arrays = (*base.outputs.values(), *base.gradients.values(), *upstream.values())
    room = _SINGLE * max((float(np.abs(one).max(initial=0.0)) for one in arrays), default=0.0)
    for name, value in (*low.outputs.items(), *low.gradients.items()):
        if value.dtype.kind != "f" or agree(value.astype(np.float32), at(name), near):
            continue
        wanted = at(name)(rounded)
        if wanted is None or wanted.shape != value.shape:
            continue
        if np.abs(value - wanted).max(initial=0.0) <= room:
            continue  # beside what is larger
        if np.isfinite(value).all() and cancels(wanted, arrays, _SINGLE):
            continue
        words = subject.identity.words
        of_gradient = name in low.gradients
        what = words.gradient(name) if of_gradient else "the output"
        headline = f"{subject.identity.symbol}: {what} is another one in float32"
        array = what if of_gradient else name
        detail = f"for the same values, {array}{difference(value, wanted)}"
        yield finding(subject, case, "single-precision-differs", headline, name, detail)
        return


def integers_truncated(subject: Subject, case: Case) -> Iterator[Finding]:
    """Whole numbers of an integer dtype give another answer than the same numbers as floats.

    What it finds: outputs or gradients that change when an input is passed as an integer array.
    Why it matters: the first example that a person types is ``np.array([[1, 2], [3, 4]])``.
    A wrong layer: ``out = np.zeros_like(x)``, an integer array that cuts off every fraction.
    How to repair it: ``np.zeros(x.shape)``, or ``x = np.asarray(x, dtype=float)`` first.
    Limits: a remark, since the layer may be meant for floats only.
    """
    whole, near = _at_whole_numbers(case)
    if not whole or not case.axes or not evaluate(subject, case).gradients:
        return
    base = evaluate(subject, near)
    if base.raised or not base.gradients or not deterministic(subject, near):
        return
    upstream = cotangents(subject, near, base.outputs)
    answer = subject.vjp({**case.primals, **whole}, upstream, case.options)
    if answer.raised:
        return
    unlike = first_unlike(subject, near, answer)
    if unlike is not None:
        headline = (
            f"{subject.identity.symbol}: {unlike.array} changes when the inputs are integer arrays"
        )
        yield finding(subject, near, "integers-truncated", headline, unlike.name, unlike.detail)


def single_needed(subject: Subject, case: Case, upstream: Arrays) -> Iterator[Script]:
    """Yield what is asked in single precision, and of the same values in double."""
    single, given = _singles(case.primals), _singles(upstream)
    yield Forward(single), Backward(given)
    yield Forward(_doubles(single)), Backward(_doubles(given))


def whole_needed(subject: Subject, case: Case, upstream: Arrays) -> Iterator[Script]:
    """Yield what is asked of whole numbers."""
    whole, near = _at_whole_numbers(case)
    theirs = expected_upstream(subject, near)
    if whole and theirs is not None:
        yield from evaluation_scripts(subject, near)
        yield Forward({**case.primals, **whole}), Backward(theirs)


def _at_whole_numbers(case: Case) -> tuple[dict[str, Array], Case]:
    """Return inputs of an integer dtype, and the case of the same numbers as floats; remembered."""
    if "whole numbers" not in case.memory:
        whole = {
            one.name: np.asarray(case.rng("whole", one.name).integers(-3, 4, one.shape(case.axes)))
            for one in case.signature.arrays
            if case.axes and one.role == "input" and one.domain == "real"
        }
        floats = {name: one.astype(np.float64) for name, one in whole.items()}
        near = replace(case, primals={**case.primals, **floats}, memory={})
        case.memory["whole numbers"] = whole, near
    known: tuple[dict[str, Array], Case] = case.memory["whole numbers"]
    return known


def _singles(arrays: Arrays) -> dict[str, Array]:
    return {name: _cast(one, np.float32) for name, one in arrays.items()}


def _doubles(arrays: Arrays) -> dict[str, Array]:
    return {name: _cast(one, np.float64) for name, one in arrays.items()}


def _cast(array: Array, dtype: type[np.floating]) -> Array:
    return array.astype(dtype) if array.dtype.kind == "f" else array
