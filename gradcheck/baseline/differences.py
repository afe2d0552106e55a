"""One recorded case run again: which results are the same, rounded otherwise, or others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from gradcheck.baseline.contents import CaseRecord, array_of, arrays_of, noise_of, options_of
from gradcheck.baseline.noise import (
    DOUBLE_ARITHMETIC,
    SAFETY,
    Results,
    called,
    distance,
    measured_noise,
    results_of,
)
from gradcheck.signature import Signature
from gradcheck.subject import Array, Raised, Subject

Key = tuple[str, str]


@dataclass(frozen=True)
class Difference:
    """How one result changed: ``what`` of the array as a whole, or its worst element."""

    what: str = ""
    index: tuple[int, ...] = ()
    before: float = 0.0
    now: float = 0.0
    off: float = 0.0
    bound: float = 0.0
    ratio: float = 0.0
    elements: int = 0
    total: int = 0


@dataclass
class CaseDifference:
    """What one case showed; ``raised`` and ``unsteady`` are said of the layer as it is now."""

    state: Literal["same", "rounding", "changed"] = "same"
    results: dict[Key, Difference] = field(default_factory=dict)
    raised: Raised | None = None
    raises_no_more: str = ""
    unsteady: bool = False
    ratio: float = 0.0
    noisier: float = 1.0


def differences(subject: Subject, form: Signature, case: CaseRecord) -> CaseDifference:
    """Return how a layer's answer at a recorded case differs from the recorded one."""
    primals, upstream = arrays_of(case.primals), arrays_of(case.cotangents)
    options = options_of(case)
    seen = called(subject, primals, upstream, options)
    if case.raised or seen.raised:
        return _raising(case, seen.raised)
    now = results_of(seen)
    before, noise = _recorded(case)
    if all(_identical(one, now.get(key)) for key, one in before.items()) and len(now) == len(
        before
    ):
        return CaseDifference()
    again = results_of(called(subject, primals, upstream, options))
    if not all(_identical(one, again.get(key)) for key, one in now.items()):
        return CaseDifference("changed", unsteady=True)
    told = CaseDifference("rounding", _as_wholes(before, now))
    apart = {key: distance(now[key], one) for key, one in before.items() if key not in told.results}
    bounds = {key: SAFETY * noise[key] for key in apart}
    if any((apart[key] > bounds[key]).any() for key in apart if key in now):
        # Its own rounding may have grown: a formula of the same value that cancels more.
        own = measured_noise(subject, form, primals, upstream, options, now, DOUBLE_ARITHMETIC)
        told.noisier = max(_growth(own[key], noise[key]) for key in apart)
        bounds = {key: SAFETY * np.maximum(own[key], noise[key]) for key in apart}
    for key, off in apart.items():
        off = np.where(np.isfinite(before[key]) & ~np.isfinite(now[key]), np.inf, off)
        one = _worst(off, bounds[key], before[key], now[key])
        told.ratio = max(told.ratio, one.ratio)
        if one.elements:
            told.results[key] = one
    told.state = "changed" if told.results else "rounding"
    return told


def _recorded(case: CaseRecord) -> tuple[Results, Results]:
    records = {("output", name): one for name, one in case.outputs.items()}
    records |= {("gradient", name): one for name, one in case.gradients.items()}
    values = {key: array_of(one) for key, one in records.items()}
    return values, {key: noise_of(one) for key, one in records.items()}


def _raising(case: CaseRecord, raised: Raised | None) -> CaseDifference:
    if raised and case.raised:  # its text may be another one: nobody's values changed
        return CaseDifference()
    if raised:
        return CaseDifference("changed", raised=raised)
    return CaseDifference("changed", raises_no_more=case.raised)


def _identical(one: Array, other: Array | None) -> bool:
    """Whether two arrays are the same, the sign of a zero included."""
    if other is None or one.shape != other.shape or one.dtype != other.dtype:
        return False
    floats = one.dtype.kind == "f"
    same = np.array_equal(one, other, equal_nan=floats)
    if not (same and floats):
        return same
    return bool(((np.signbit(one) == np.signbit(other)) | np.isnan(one)).all())


def _as_wholes(before: Results, now: Results) -> dict[Key, Difference]:
    """Return the results that are there no more, or only now, or of another shape or dtype."""
    told = {}
    for key in (*before, *(one for one in now if one not in before)):
        if key not in now:
            told[key] = Difference("is not there any more")
        elif key not in before:
            told[key] = Difference("was not there")
        elif before[key].shape != now[key].shape:
            told[key] = Difference(f"has shape {now[key].shape}, was {before[key].shape}")
        elif before[key].dtype != now[key].dtype:
            told[key] = Difference(f"is {now[key].dtype}, was {before[key].dtype}")
    return told


def _worst(off: Array, bound: Array, before: Array, now: Array) -> Difference:
    """Return the element that is furthest beyond its bound, in units of that bound."""
    if not off.size:
        return Difference()
    with np.errstate(all="ignore"):
        ratio = np.where(off > 0, off / bound, 0.0)
    ratio = np.where(np.isnan(ratio), 0.0, ratio)  # an infinite bound: rounding may do anything
    wrong = ratio > 1
    index = np.unravel_index(int(np.argmax(ratio)), ratio.shape) if ratio.ndim else ()
    return Difference(
        "",
        tuple(int(one) for one in index),
        float(before[index]),
        float(now[index]),
        float(off[index]),
        float(bound[index]),
        float(ratio[index]),
        int(wrong.sum()),
        ratio.size,
    )


def _growth(now: Array, before: Array) -> float:
    """Return how many times more the largest element moves than it did."""
    largest = [float(one[np.isfinite(one)].max(initial=0.0)) for one in (now, before)]
    return largest[0] / largest[1] if largest[1] else 1.0
