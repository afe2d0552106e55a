"""A wrong gradient as a whole: the evidence of all cases that show it, and of some that do not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from gradcheck.case import Case
from gradcheck.diagnosis.evidence import Evidence, Hypothesis, evidence_of
from gradcheck.diagnosis.further_cases import further_cases
from gradcheck.numerics.rounding import Floats
from gradcheck.subject import Subject

_MOST_CASES = 24
_MOST_PASSES = 10
_MOST_ELEMENTS = 256  # of one array
_BUDGET = 250  # elements to be differenced anew, in all


@dataclass(frozen=True)
class Discrepancy:
    """A gradient that is wrong: all cases that show it, and some that do not."""

    subject: Subject
    array: str
    failing_cases: Sequence[Case]
    passing_cases: Sequence[Case] = ()

    @property
    def word(self) -> str:
        """The layer's own word of the gradient."""
        return self.subject.identity.words.gradient(self.array)

    def own(self, name: str) -> str:
        """Return the layer's own word of an array."""
        return self.subject.identity.words.array(name)

    @cached_property
    def failing(self) -> tuple[Evidence, ...]:
        """The failing cases whose differences are sharp."""
        seen = _gather(self.subject, self.array, self.failing_cases, _MOST_CASES)
        return tuple(one for one in seen if one.wrong.any())

    @cached_property
    def passing(self) -> tuple[Evidence, ...]:
        """Cases of generic values in which this gradient is right, and not zero."""
        generic = [case for case in self.passing_cases if case.generic]
        seen = _gather(self.subject, self.array, generic, _MOST_PASSES)
        return tuple(one for one in seen if not one.wrong.any())

    @cached_property
    def comparable(self) -> tuple[Evidence, ...]:
        """Passing cases of the forms, and in the modes, in which the gradient also fails."""
        forms = {one.case.signature for one in self.failing}
        modes = [_modes(one.case) for one in self.failing]
        return tuple(
            one for one in self.passing if one.case.signature in forms and _modes(one.case) in modes
        )

    @cached_property
    def by_terms(self) -> dict[tuple[str, ...], tuple[Evidence, ...]]:
        """The failing cases by the axis terms of the array, which differ between forms."""
        groups: dict[tuple[str, ...], tuple[Evidence, ...]] = {}
        for one in self.failing:
            groups[one.terms] = (*groups.get(one.terms, ()), one)
        return groups

    @cached_property
    def by_axes(self) -> dict[tuple[Any, ...], tuple[Evidence, ...]]:
        """The failing cases by axis terms, and by the axis along which the layer works."""
        groups: dict[tuple[Any, ...], tuple[Evidence, ...]] = {}
        for terms, found in self.by_terms.items():
            for one in found:
                chosen = tuple(str(one.case.options.get(name)) for name in ("axis", "axes", "dim"))
                groups[terms, chosen] = (*groups.get((terms, chosen), ()), one)
        return groups

    def enlarged(self) -> Discrepancy:
        """Return the same with further cases, failing and passing."""
        forms = {case.signature for case in self.failing_cases}
        known = [one.case for one in self.failing]
        if any(not case.axes and case.primals[self.array].ndim for case in known):
            return self  # concrete arrays: nobody says which others are legal
        failing, passing = list(known), [one.case for one in self.passing]
        for case in further_cases(self.subject, self.array, forms):
            one = evidence_of(self.subject, case, self.array)
            if one is not None:
                (failing if one.wrong.any() else passing).append(case)
        return replace(self, failing_cases=failing, passing_cases=passing)

    def holds(self, hypothesis: Hypothesis, least: int = 2) -> bool:
        """Return whether a hypothesis is true in all cases and decides in ``least`` of them."""
        decided = 0
        for one in self.failing:
            told = _told(hypothesis, one)
            if told is None or not one.equals(told):
                return False
            decided += one.decides(told)
        return decided >= least and all(
            (told := _told(hypothesis, one)) is None or one.equals(told) for one in self.comparable
        )

    def count(self) -> str:
        """Return the number of cases as the evidence tells it."""
        told = f"holds in all {len(self.failing)} failing cases seen"
        passing = len(self.comparable)
        return f"{told} and in {passing} that pass" if passing else told


def _told(hypothesis: Hypothesis, one: Evidence) -> Floats | None:
    """Return what a hypothesis gives; None where the arrays of a case have other axes."""
    try:
        return hypothesis(one)
    except (ValueError, IndexError):
        return None


def _gather(subject: Subject, array: str, cases: Iterable[Case], most: int) -> tuple[Evidence, ...]:
    """Return the evidence of cases, what was differenced already first, within the budget."""
    left = _BUDGET
    found: list[Evidence] = []
    for case in cases:
        x = case.primals.get(array)
        if len(found) == most or x is None or not 0 < x.size <= _MOST_ELEMENTS:
            continue
        if ("differences", id(subject), array) not in case.memory:
            if x.size > left:
                continue
            left -= x.size
        one = evidence_of(subject, case, array)
        if one is not None:
            found.append(one)
    return tuple(found)


def _modes(case: Case) -> dict[str, Any]:
    """Return the options that are no numbers: with each the layer is another function."""
    return {
        name: value
        for name, value in case.options.items()
        if isinstance(value, bool) or not isinstance(value, (int, float))
    }
