"""A backward that uses one value of an option whatever it is, or leaves a parameter out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradcheck.diagnosis.discrepancy import Discrepancy
from gradcheck.diagnosis.evidence import Evidence, Hypothesis
from gradcheck.diagnosis.jacobian import derivatives
from gradcheck.findings import Diagnosis
from gradcheck.numerics.rounding import Floats


def option_ignored(wrong: Discrepancy) -> Diagnosis | None:
    """The right gradient of the same forward under another value of one option."""
    for name, value in _candidates(wrong):
        if any(one.case.options[name] == value for one in wrong.failing):
            continue  # there it would be right
        if wrong.holds(_under(name, value)):
            given = sorted({str(one.case.options[name]) for one in wrong.failing})
            return Diagnosis(
                name=f"option-ignored-{name}",
                text=f"{wrong.word} is right for {name} = {value}, whatever {name} is",
                evidence=f"it equals the numerical gradient under {name} = {value}, with {name} "
                f"at {', '.join(given)}; {wrong.count()}",
                repair=f"use {name} in backward as forward does",
            )
    return None


def parameter_ignored(wrong: Discrepancy) -> Diagnosis | None:
    """The right gradient of the same forward with ones for a parameter, or times it at the end."""
    names = (
        [one.name for one in wrong.failing[0].case.signature.parameters] if wrong.failing else []
    )
    for name in names:
        if name == wrong.array:
            continue
        own = wrong.own(name)
        if wrong.holds(_with_ones(name, after=False)):
            return Diagnosis(
                name=f"parameter-ignored-{name}",
                text=f"{wrong.word} does not use {own}: it is right for ones in its place",
                evidence=f"it equals the numerical gradient with {own} = 1; {wrong.count()}",
                repair=f"multiply the upstream gradient by {own} first",
            )
        if wrong.holds(_with_ones(name, after=True)):
            return Diagnosis(
                name=f"applied-after-{name}",
                text=f"{wrong.word} is multiplied by {own} at the end, and must be at the start",
                evidence=f"it equals {own} times the numerical gradient with {own} = 1; "
                f"{wrong.count()}",
                repair=f"multiply the upstream gradient by {own} before the rest of the chain",
            )
    return None


def _with_ones(name: str, *, after: bool) -> Hypothesis:
    def hypothesis(one: Evidence) -> Floats | None:
        if name not in one.case.primals:
            return None
        ones = {name: np.ones_like(one.case.primals[name])}
        found = derivatives(one.subject, one.case, one.array, others=ones)
        if found is None:
            return None
        gradient = one.contracted(found, one.upstream)
        if not after:
            return gradient
        factor = one.aligned(name)
        return None if factor is None else gradient * factor

    return hypothesis


def _candidates(wrong: Discrepancy) -> Iterator[tuple[str, Any]]:
    for name, values in wrong.subject.options.items():
        if not all(name in one.case.options for one in wrong.failing):
            continue
        usual = [0.0, 1.0] if isinstance(values[0], float) else []
        for value in dict.fromkeys([*values, *usual]):
            yield name, value


def _under(name: str, value: Any) -> Hypothesis:
    def hypothesis(one: Evidence) -> Floats | None:
        if name not in one.case.options:
            return None
        found = derivatives(one.subject, one.case, one.array, options={name: value})
        return None if found is None else one.contracted(found, one.upstream)

    return hypothesis
