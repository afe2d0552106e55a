"""Contributions that were lost: ``=`` in the place of ``+=``, or a loop that ends too early."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradcheck.diagnosis.discrepancy import Discrepancy
from gradcheck.diagnosis.evidence import Evidence, Hypothesis
from gradcheck.findings import Diagnosis
from gradcheck.numerics.rounding import Bools, Floats


def overlap_overwritten(wrong: Discrepancy) -> Diagnosis | None:
    """Of all windows that cover an element only the last, or the first, one counts."""
    roles = {one.case.signature.by_name[one.array].role for one in wrong.failing}
    if roles != {"input"} or any(one.numeric.ndim < 2 for one in wrong.failing):
        return None  # windows lie on an input; what else is shared has no windows
    for which in ("last", "first"):
        for summed in (False, True):
            if wrong.holds(_one_window(which, summed)):
                return Diagnosis(
                    name="overlap-overwritten",
                    text=f"{wrong.word} keeps only the {which} of the windows that overlap there",
                    evidence=f"with one window for each element it is exactly right; "
                    f"{wrong.count()}",
                    repair="add with += where windows overlap: = overwrites",
                )
    return None


def one_slice_filled(wrong: Discrepancy) -> Diagnosis | None:
    """Right at one index of an axis, and zero at all others."""
    for at, term in enumerate(wrong.failing[0].terms if wrong.failing else ()):
        for index, which in ((-1, "last"), (0, "first")):
            if wrong.holds(_only(at, index)):
                return Diagnosis(
                    name=f"only-{which}-{term}-filled",
                    text=f"{wrong.word} is filled at the {which} index of {term} only, and zero "
                    "elsewhere",
                    evidence=f"that index is right; {wrong.count()}",
                    repair=f"does the loop over {term} assign to the whole, or end too early?",
                )
    return None


def summed_up(wrong: Discrepancy) -> Diagnosis | None:
    """Cumulative along an axis, or its sum or mean in every place."""
    for at, term in enumerate(wrong.failing[0].terms if wrong.failing else ()):
        for name, text, hypothesis in _sums(at, term):
            if wrong.holds(hypothesis):
                return Diagnosis(
                    name=name,
                    text=f"{wrong.word} {text}",
                    evidence=f"so summed the numerical gradient equals it; {wrong.count()}",
                )
    return None


def elements_lost(wrong: Discrepancy) -> Diagnosis | None:
    """Zero where a number went in, or came out, with one sign; right everywhere else."""
    if len(wrong.failing) < 3 or not all(map(_lost, wrong.failing)):
        return None
    upstream = wrong.subject.identity.words.upstream
    for name in ("upstream", "input", "output"):
        for sign, told in ((-1, "negative"), (1, "positive")):
            if all(_is_sign(one, name, sign) for one in wrong.failing):
                what = {"upstream": upstream, "input": wrong.own(wrong.array)}.get(name, name)
                return Diagnosis(
                    name=f"zero-where-{name}-{told}",
                    text=f"{wrong.word} is zero where {what} is {told}, and must not be",
                    evidence=f"zero exactly there, and right elsewhere; {wrong.count()}",
                    repair="take the mask from the condition that forward uses",
                )
    return None


def _one_window(which: str, summed: bool) -> Hypothesis:
    def hypothesis(one: Evidence) -> Floats | None:
        if one.jacobian is None or len(one.outputs) != 1:
            return None
        (output,), (u,) = one.outputs.values(), one.upstream.values()
        parts = one.jacobian * u.ravel()[:, np.newaxis]
        if summed and output.ndim in (3, 4):  # over the filters of one place
            parts = parts.reshape(*output.shape[:2], -1, parts.shape[1]).sum(axis=1)
            parts = parts.reshape(-1, parts.shape[-1])
        elif summed:
            return None
        touched = parts != 0
        rows = np.arange(len(parts))[:, np.newaxis]
        chosen = np.where(touched, rows, -1).max(axis=0)
        if which == "first":
            chosen = np.where(touched, rows, len(parts)).min(axis=0)
        kept = parts[np.clip(chosen, 0, len(parts) - 1), np.arange(parts.shape[1])]
        return np.where(touched.any(axis=0), kept, 0.0).reshape(one.numeric.shape)

    return hypothesis


def _only(at: int, index: int) -> Hypothesis:
    def hypothesis(one: Evidence) -> Floats | None:
        if one.numeric.ndim <= at:
            return None
        kept = np.zeros(one.numeric.shape)
        place: list[slice | int] = [slice(None)] * one.numeric.ndim
        place[at] = index
        kept[tuple(place)] = one.numeric[tuple(place)]
        return kept

    return hypothesis


def _sums(at: int, term: str) -> Iterator[tuple[str, str, Hypothesis]]:
    yield (
        f"cumulative-{term}",
        f"is the running sum of the right gradient along {term}",
        lambda one: np.cumsum(one.numeric, axis=at),
    )
    yield (
        f"cumulative-{term}",
        f"is the running sum of the right gradient along {term}, from its end",
        lambda one: np.flip(np.cumsum(np.flip(one.numeric, at), axis=at), at),
    )
    yield (
        f"summed-over-{term}",
        f"is summed over {term}, and has that sum in every place of {term}",
        lambda one: one.numeric.sum(axis=at, keepdims=True) + np.zeros(one.numeric.shape),
    )
    yield (
        f"averaged-over-{term}",
        f"is averaged over {term}, and has that mean in every place of {term}",
        lambda one: one.numeric.mean(axis=at, keepdims=True) + np.zeros(one.numeric.shape),
    )


def _lost(one: Evidence) -> bool:
    """Return whether all wrong elements are zero in the claim."""
    return not one.claimed[one.wrong].any()


def _is_sign(one: Evidence, name: str, sign: int) -> bool:
    values = {
        "upstream": next(iter(one.upstream.values())),
        "input": one.case.primals[one.array],
        "output": next(iter(one.outputs.values())),
    }[name]
    if values.shape != one.numeric.shape:
        return False
    there: Bools = np.sign(values) == sign
    visible = np.abs(one.numeric) > 4 * one.error
    return np.array_equal(one.wrong & visible, there & visible)
