"""When a gradient is wrong: under which options, sizes and values it is and is not.

Cases differ in many things at once, so what merely goes along with the fault is told from its
cause by trying: with that one thing changed, wrong cases must be right and right ones wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

from gradcheck.case import Case, make_case
from gradcheck.diagnosis.discrepancy import Discrepancy
from gradcheck.diagnosis.evidence import Evidence, evidence_of
from gradcheck.findings import Diagnosis
from gradcheck.signature import Signature
from gradcheck.sizes import legal

_LEAST = 3
_TRIED = 3
_LARGE = 80  # elements

Change = Callable[[Case], "Mapping[str, Any] | None"]


@dataclass(frozen=True)
class Condition:
    """What holds for a case or not; the changes that make it false, and true, in other cases."""

    name: str
    text: str
    holds: Callable[[Evidence], bool]
    undo: Change
    bring: Change


def condition(wrong: Discrepancy) -> Diagnosis | None:
    """The one condition that every failing case fulfils and no passing one, and that causes it."""
    if len(wrong.failing) < _LEAST:
        return None
    # In a single element nothing can be out of place, so that it is right says little.
    passing = [one for one in wrong.passing if one.numeric.size > 1]
    held = [
        one
        for one in _conditions(wrong)
        if all(map(one.holds, wrong.failing)) and not any(map(one.holds, passing))
    ]
    causes = [(one, count) for one in held if (count := _repaired(wrong, one))]
    if len(causes) != 1:
        return None
    ((found, count),) = causes
    others = f" and in none of {len(passing)} that pass" if passing else ""
    return Diagnosis(
        name=f"only-when-{found.name}",
        text=f"{wrong.word} is wrong only {found.text}",
        evidence=f"so it is in all {len(wrong.failing)} failing cases seen{others}; {count} of "
        "them, changed in nothing else, are right",
    )


def _repaired(wrong: Discrepancy, one: Condition) -> int:
    """Return how many wrong cases are right without the condition; 0 unless it is the cause.

    Of the right cases at least one, given the condition, must be wrong: in others the fault may
    not show for another reason.
    """
    repaired = 0
    for at in wrong.failing:
        undone = _changed(wrong, at.case, one.undo)
        if undone is not None and undone.wrong.any():
            return 0
        repaired += undone is not None
        if repaired == _TRIED:
            break
    passing = [at.case for at in wrong.passing if at.numeric.size > 1][:_TRIED]
    given = [_changed(wrong, case, one.bring) for case in passing]
    broken = [bool(at.wrong.any()) for at in given if at is not None]
    return repaired if repaired >= _LEAST and (not broken or any(broken)) else 0


def _changed(wrong: Discrepancy, case: Case, change: Change) -> Evidence | None:
    """Return the evidence of a generic case with one thing changed; None where it is illegal."""
    changes = change(case)
    if changes is None:
        return None
    options = {name: changes.get(name, value) for name, value in case.options.items()}
    axes = {**case.axes, **{n: v for n, v in changes.items() if n in case.axes}}
    axes |= {name: value for name, value in options.items() if isinstance(value, int)}
    form = _form(wrong, case, options)
    if form is None or not legal(form, wrong.subject.constraints, axes):
        return None
    changed = make_case(form, axes, options, regime="generic", seed=case.seed)
    if changed.primals[wrong.array].size > _LARGE:
        return None
    return evidence_of(wrong.subject, changed, wrong.array)


def _form(wrong: Discrepancy, case: Case, options: Mapping[str, Any]) -> Signature | None:
    return case.signature if case.signature.holds_for(options) else None


def _conditions(wrong: Discrepancy) -> Iterator[Condition]:
    yield from _of_options(wrong)
    first = wrong.failing[0].case
    fixed = {*wrong.subject.fixed_axes, *wrong.subject.options}
    names = [name for name in first.signature.free_axes if name not in fixed]
    yield from (one for name in names for one in _of_size(name))
    yield from (_unequal(a, b) for a, b in combinations(names, 2))


def _unequal(a: str, b: str) -> Condition:
    return Condition(
        f"{a}-is-not-{b}",
        f"where {a} and {b} are unequal",
        lambda one: _size(one, a) != _size(one, b),
        lambda case: {b: case.axes[a]} if a in case.axes else None,
        lambda case: {b: case.axes[a] + 1} if a in case.axes else None,
    )


def _size(one: Evidence, name: str) -> int:
    return one.case.axes.get(name, 0)


def _of_size(name: str) -> Iterator[Condition]:
    yield Condition(
        f"{name}>1",
        f"where {name} is greater than one",
        lambda one: _size(one, name) > 1,
        lambda _: {name: 1},
        lambda _: {name: 3},
    )
    yield Condition(
        f"{name}=1",
        f"where {name} is one",
        lambda one: _size(one, name) == 1,
        lambda _: {name: 3},
        lambda _: {name: 1},
    )


def _of_options(wrong: Discrepancy) -> Iterator[Condition]:
    for name, values in wrong.subject.options.items():
        if len(values) < 2 or any(name not in one.case.options for one in wrong.failing):
            continue
        if all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in values):
            ordered = sorted(values)
            yield from (_above(name, low, high) for low, high in pairwise(ordered))
        else:
            yield from (_is_value(name, value, values) for value in values)


def _above(name: str, low: float, high: float) -> Condition:
    return Condition(
        f"{name}>{low:g}",
        f"where {name} is greater than {low:g}",
        lambda one: one.case.options.get(name, low) > low,
        lambda _: {name: low},
        lambda _: {name: high},
    )


def _is_value(name: str, value: Any, values: tuple[Any, ...]) -> Condition:
    other = next(one for one in values if one != value)
    return Condition(
        f"{name}={value}",
        f"where {name} is {value}",
        lambda one: one.case.options.get(name) == value,
        lambda _: {name: other},
        lambda _: {name: value},
    )
