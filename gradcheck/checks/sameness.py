"""Whether a layer's second answer is its first one, up to rounding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gradcheck.case import Case
from gradcheck.checks.evaluation import cotangents, evaluate
from gradcheck.numerics.rounding import unit_roundoff
from gradcheck.subject import Array, Arrays, Evaluation, Subject, Words

_LEFT = 2.0**13  # units of rounding of what goes in: below that cancellation left a result


@dataclass(frozen=True, slots=True)
class Unlike:
    """The first array of an answer that is another one, the words for it, and how it differs."""

    name: str
    array: str
    detail: str


def first_unlike(
    subject: Subject, case: Case, answer: Evaluation, base: Evaluation | None = None
) -> Unlike | None:
    """Return the first output or gradient of ``answer`` that is not the one of ``base``.

    ``base`` is by default what a fresh layer gave for ``case``. Arrays that either did not give
    are passed over: other checks tell them.
    """
    base = base or evaluate(subject, case)
    words = subject.identity.words
    scale = _scale(subject, case, base)
    among = [*base.outputs.values(), *base.gradients.values()]
    outputs = _first(base.outputs, answer.outputs, scale, among)
    if outputs is not None:
        name, detail = outputs
        array = "the output" if len(base.outputs) == 1 else name
        return Unlike(name, array, f"{name}{detail}")
    gradients = _first(base.gradients, answer.gradients, scale, among)
    if gradients is not None:
        name, detail = gradients
        return Unlike(name, words.gradient(name), f"{words.gradient(name)}{detail}")
    return None


def alike(value: Array, wanted: Array, scale: float = 0.0, among: Sequence[Array] = ()) -> bool:
    """Return whether two arrays are the same to half of their digits, shape included.

    ``scale`` is the size of what they were computed from: far below it only rounding is left.
    The coarsest dtype ``among`` other arrays of the same computation counts too.
    """
    if value.shape != wanted.shape:
        return False
    if np.array_equal(value, wanted, equal_nan=wanted.dtype.kind == "f"):
        return True
    with np.errstate(all="ignore"):
        error = np.abs(value.astype(np.float64) - wanted.astype(np.float64))
        largest = float(np.abs(wanted[np.isfinite(wanted)]).max(initial=0.0))
    floats = [one for one in (value, wanted, *among) if one.dtype.kind == "f"]
    roundoff = max((float(unit_roundoff(one.dtype)) for one in floats), default=2.0**-53)
    same = (value == wanted) | (np.isnan(value) & np.isnan(wanted))
    return bool((same | (error <= roundoff**0.5 * largest + _LEFT * roundoff * scale)).all())


def cancels(wanted: Array, among: Sequence[Array], digits: float) -> bool:
    """Return whether an array is zero but for rounding beside the largest of others.

    A gradient through a batch of one, under a norm with a tiny epsilon: its terms are a thousand
    times larger than all that is seen from outside, so what rounding leaves of it has no bound.
    """
    sizes = (float(np.abs(one[np.isfinite(one)]).max(initial=0.0)) for one in among)
    return float(np.abs(wanted).max(initial=0.0)) <= digits * max(sizes, default=0.0)


def raises(words: Words, answer: Evaluation) -> str:
    """Return what an answer raised, in one line with its last frame."""
    raised = answer.raised
    if raised is None:
        return ""
    return "\n".join([f"{raised.during} raises {raised}", *raised.frames[-1:]])


def _first(
    base: Arrays, answer: Arrays, scale: float, among: Sequence[Array]
) -> tuple[str, str] | None:
    for name, wanted in base.items():
        value = answer.get(name)
        if value is None or alike(value, wanted, scale, among):
            continue
        return name, difference(value, wanted)
    return None


def difference(value: Array, wanted: Array) -> str:
    """Return the element that differs most, in words that follow the name of the array."""
    if value.shape != wanted.shape:
        return f" has shape {value.shape} instead of {wanted.shape}"
    with np.errstate(all="ignore"):
        error = np.abs(value.astype(np.float64) - wanted.astype(np.float64))
    error = np.where(np.isnan(error), np.inf, error)
    index = np.unravel_index(int(np.argmax(error)), value.shape) if value.ndim else ()
    place = f"[{', '.join(str(int(one)) for one in index)}]" if index else ""
    return f"{place} is {value[index]:.7g} instead of {wanted[index]:.7g}"


def _scale(subject: Subject, case: Case, base: Evaluation) -> float:
    upstream = cotangents(subject, case, base.outputs)
    arrays = [*case.primals.values(), *base.outputs.values(), *upstream.values()]
    sizes = [float(np.abs(one[np.isfinite(one)]).max(initial=0.0)) for one in arrays]
    return max(sizes, default=0.0)
