"""Which known wrong backward of the reference layer gives exactly the gradient that was claimed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gradcheck.case import Case
from gradcheck.checks.evaluation import (
    agree,
    evaluate,
    in_kinds_order,
    kinds_upstream,
    own_gradients,
)
from gradcheck.diagnosis.discrepancy import Discrepancy
from gradcheck.findings import Diagnosis
from gradcheck.kinds import find_kind
from gradcheck.mutants import Mutant, Situation, mutants_of, situation_of
from gradcheck.subject import Array, Arrays, Subject

_LEAST = 2
_MOST_PASSES = 6
_NEAR = 1e-3  # worth a closer look, relative to the largest element
_REFUSALS = (ArithmeticError, KeyError, LookupError, TypeError, ValueError)


def mutant(wrong: Discrepancy) -> Diagnosis | None:
    """The one mutant that equals the claim in all cases, failing and passing."""
    kind = wrong.subject.identity.kind
    if kind is None or len(wrong.failing_cases) < _LEAST:
        return None
    passing = [case for case in wrong.passing_cases if case.generic][:_MOST_PASSES]
    fitting = [
        one
        for one in mutants_of(find_kind(kind).name)
        if _fits(one, wrong, wrong.failing_cases, passing)
    ]
    if len({one.name for one in fitting}) > 1:
        fitting = _wholly(fitting, wrong)
    if len({one.name for one in fitting}) != 1:
        return None
    found = fitting[0]
    return Diagnosis(
        name=found.name,
        text=_told(found, wrong),
        evidence=f"equal to rounding in all {len(wrong.failing_cases)} failing cases seen",
        repair=found.repair,
    )


def _wholly(fitting: Sequence[Mutant], wrong: Discrepancy) -> list[Mutant]:
    """Return those mutants whose other wrong gradients are the layer's, too: those of the most."""
    explained: dict[int, list[Mutant]] = {}
    for one in fitting:
        arrays: dict[str, None] = {}
        for case in wrong.failing_cases:
            arrays |= dict.fromkeys(_mutants_gradients(one, wrong.subject, case, case.primals))
        if all(
            _compared(one, wrong.subject, name, case)[0]
            for case in wrong.failing_cases
            for name in arrays
            if name in evaluate(wrong.subject, case).gradients
        ):
            explained.setdefault(len(arrays), []).append(one)
    return explained[max(explained)] if explained else []


def _told(found: Mutant, wrong: Discrepancy) -> str:
    """Return the text of a mutant, with the layer's own word of the gradient."""
    if "{gradient}" in found.text:
        return found.text.replace("{gradient}", wrong.word)
    return f"{wrong.word}: {found.text}"


def _fits(
    one: Mutant, wrong: Discrepancy, failing: Sequence[Case], passing: Sequence[Case]
) -> bool:
    decided = 0
    for case in failing:
        fits, differs = _compared(one, wrong.subject, wrong.array, case)
        if not fits:
            return False
        decided += differs
    # Where a mutant has nothing to say (a mask where there is none) the gradient is right.
    return decided > 0 and all(
        _compared(one, wrong.subject, wrong.array, case)[0]
        for case in passing
        if wrong.array in evaluate(wrong.subject, case).gradients
        and _mutated(one, wrong.subject, wrong.array, case)(case.primals) is not None
    )


def _compared(one: Mutant, subject: Subject, name: str, case: Case) -> tuple[bool, bool]:
    """Return whether the claim is the mutant's, and whether that is far from the right one."""
    claimed = evaluate(subject, case).gradients[name]
    wanted = _mutated(one, subject, name, case)(case.primals)
    right = _right(subject, name, case)
    if wanted is None or right is None or wanted.shape != claimed.shape:
        return False, False
    largest = np.abs(wanted).max(initial=0.0)
    gap = float(np.abs(claimed - wanted).max(initial=0.0))
    if not gap <= _NEAR * largest:  # nan too
        return False, False
    fits = agree(claimed, _mutated(one, subject, name, case), case)
    return fits, bool(np.abs(right - claimed).max(initial=0.0) > max(1e3 * gap, 1e-9 * largest))


def _mutated(
    one: Mutant, subject: Subject, name: str, case: Case
) -> Callable[[Arrays], Array | None]:
    return lambda primals: _mutants_gradients(one, subject, case, primals).get(name)


def _mutants_gradients(
    one: Mutant, subject: Subject, case: Case, primals: Arrays
) -> dict[str, Array]:
    there = _situation(subject, case, primals)
    if there is None:
        return {}
    try:
        with np.errstate(all="ignore"):
            gradients = one.gradients(there)
    except _REFUSALS:  # a mutant that has nothing to say of this form
        return {}
    return _own(subject, case, gradients, primals)


def _right(subject: Subject, name: str, case: Case) -> Array | None:
    there = _situation(subject, case, case.primals)
    return None if there is None else _own(subject, case, there.gradients, case.primals).get(name)


def _own(subject: Subject, case: Case, gradients: Arrays, primals: Arrays) -> dict[str, Array]:
    """Return gradients of the kind's arrays as those of the layer's."""
    found = {name: np.asarray(one) for name, one in gradients.items()}
    return own_gradients(subject.meanings.get(case.signature), found, primals)


def _situation(subject: Subject, case: Case, primals: Arrays) -> Situation | None:
    """Return the call of the reference for a case; remembered at the case's own primals."""
    key = ("situation", id(subject))
    own = primals is case.primals
    if own and key in case.memory:
        known: Situation | None = case.memory[key]
        return known
    found = _called(subject, case, primals)
    if own:
        case.memory[key] = found
    return found


def _called(subject: Subject, case: Case, primals: Arrays) -> Situation | None:
    kind = find_kind(subject.identity.kind or "")
    meaning = subject.meanings.get(case.signature)
    if kind.reference is None or (subject.meanings and meaning is None):
        return None
    if meaning is not None and not meaning.holds_for(case.options):
        return None
    try:
        with np.errstate(all="ignore"):
            upstream = kinds_upstream(subject, case, primals)
            theirs, options = in_kinds_order(subject, case, primals)
            return situation_of(kind, theirs, options, upstream) if upstream else None
    except _REFUSALS:  # how a reference refuses what it does not take
        return None
