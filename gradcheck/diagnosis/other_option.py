"""A backward that uses one value of an option whatever its value is, or leaves an epsilon out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradcheck.diagnosis.evidence import Discrepancy, Evidence, Hypothesis
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
