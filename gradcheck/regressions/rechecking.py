"""What a kept case gives now: the fault still, another one in its place, or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gradcheck.case import Case
from gradcheck.checks.catalogue import CHECKS, find_check
from gradcheck.checks.check import Check
from gradcheck.checks.evaluation import evaluate
from gradcheck.exploration import run_check
from gradcheck.findings import Finding, Outcome
from gradcheck.rechecks import Outcomes, Recheck
from gradcheck.regressions.fitting import Unfit, fitted, is_of, knows_array, same_array
from gradcheck.regressions.record import Regression
from gradcheck.regressions.store import saved_in
from gradcheck.seen import FaultKey, Judged
from gradcheck.settings import Settings
from gradcheck.subject import Subject

_KNOWN = frozenset(one.name for one in CHECKS)
_NO_ANSWER = ("layer-raises", "forward-returns-nothing")
_NO_GRADIENT = ("gradient-missing", "gradient-shape-wrong")
_NEED_GRADIENT = ("input-gradient-wrong", "parameter-gradient-wrong", "gradient-not-finite")


@dataclass(frozen=True)
class Judgement:
    """What the check of a regression says of its case.

    ``fault`` is the finding for which it fails still: of the same check and array, or of a check
    whose fault leaves nothing to judge (the layer raises, the gradient is missing). ``refused`` is
    how the layer refuses the case, ``undecided`` why the case tells right from wrong no longer
    although no fault is seen. ``heard`` is all that was said, check by check.
    """

    fault: Finding | None
    refused: str
    undecided: str
    heard: tuple[tuple[Check, tuple[Finding | Outcome, ...]], ...]

    @property
    def same(self) -> bool:
        """Whether it is the check of the regression that fails, and not one in its place."""
        return self.fault is not None and self.fault.check == self.heard[0][0].name


@dataclass(frozen=True)
class Rechecked:
    """The regressions of a layer: what to book before any case is drawn, and what to tell.

    ``files`` names the file of each fault that is still there.
    """

    judged: tuple[Judged, ...] = ()
    rechecks: tuple[Recheck, ...] = ()
    files: Mapping[FaultKey, str] = field(default_factory=dict)


def rechecked(subject: Subject, checks: Sequence[Check], settings: Settings) -> Rechecked:
    """Judge the saved cases of a layer by those of their checks that are selected."""
    if not settings.save_regressions:
        return Rechecked()
    judged: list[tuple[Judgement, Case]] = []
    told: list[Recheck] = []
    files: dict[FaultKey, str] = {}
    names = [one.name for one in checks]
    for file, regression in _saved_of(subject, settings):
        if regression.check not in names:
            if regression.check not in _KNOWN:  # else it was left out by choice
                why = f"was not checked: no check is called {regression.check!r} any more"
                told.append(_recheck(file, regression, "unjudged", why))
            continue
        try:
            case = fitted(regression, subject)
        except Unfit as error:
            why = f"was not checked, the layer has changed: {error}; check it anew, or remove it"
            told.append(_recheck(file, regression, "unjudged", why))
            continue
        found = judge(subject, regression, case, settings)
        judged.append((found, case))
        told.append(_outcome(file, regression, found))
        if found.fault is not None and found.same:
            files.setdefault((found.fault.check, found.fault.array), file)
    judged.sort(key=lambda one: not one[0].same)  # what fails still is to be told at its own case
    booked = [one for one in _booked(judged, files) if one[0].name in names]
    return Rechecked(tuple(booked), tuple(told), files)


def _booked(
    judged: Sequence[tuple[Judgement, Case]], files: Mapping[FaultKey, str]
) -> Iterator[Judged]:
    """Yield what to book: at a case that fails still no fault that has a file of its own."""
    for found, case in judged:
        for check, said in found.heard:
            kept = [
                one
                for one in said
                if not (found.same and isinstance(one, Finding))
                or one is found.fault
                or (one.check, one.array) not in files
            ]
            yield check, case, kept


def _saved_of(subject: Subject, settings: Settings) -> list[tuple[str, Regression]]:
    symbol, source = subject.identity.symbol, subject.identity.source
    saved, _ = saved_in(settings.save_regressions)
    return [one for one in saved if is_of(one[1], symbol, source)]


def judge(subject: Subject, regression: Regression, case: Case, settings: Settings) -> Judgement:
    """Run the check of a regression on its case, and see whether it is still at fault."""
    check = find_check(regression.check)
    heard = [(check, tuple(run_check(check, subject, case)))]
    strict = settings.strict or regression.strict
    any_array = regression.array is None or not knows_array(subject, regression.array)
    faults = list(_faults(heard[0][1], strict))
    for one in faults:
        if any_array or one.array == regression.array:
            return Judgement(one, "", "", tuple(heard))
    for name in (*_NO_ANSWER, *(_NO_GRADIENT if check.name in _NEED_GRADIENT else ())):
        other = find_check(name)
        if other == check:
            continue
        said = tuple(run_check(other, subject, case))
        heard.append((other, said))
        for one in _faults(said, strict):
            if name in _NO_ANSWER or same_array(subject, one.array, regression.array):
                return Judgement(one, "", "", tuple(heard))
    raised = evaluate(subject, case).raised  # no fault of its own: it does not take such arrays
    undecided = "" if raised else _undecided(subject, regression, heard[0][1])
    return Judgement(None, str(raised or ""), undecided, tuple(heard))


def _faults(found: Sequence[Finding | Outcome], strict: bool) -> Iterator[Finding]:
    for one in found:
        if isinstance(one, Finding) and (strict or one.verdict != "pass"):
            yield one


def _undecided(subject: Subject, regression: Regression, found: Sequence[Finding | Outcome]) -> str:
    unclear = (
        one.reason
        for one in found
        if isinstance(one, Outcome)
        and one.verdict == "inconclusive"
        and same_array(subject, one.array, regression.array)
    )
    return next(unclear, "")


def _outcome(file: str, regression: Regression, found: Judgement) -> Recheck:
    if found.fault is not None:
        note = "" if found.same else f"cannot be judged at its case: {found.fault.headline}"
        return _recheck(file, regression, "fails" if found.same else "unjudged", note)
    if found.refused:
        why = f"cannot be judged: the layer refuses its case ({found.refused})"
        return _recheck(file, regression, "unjudged", why)
    but = f" (nor is it proved right there: {found.undecided})" if found.undecided else ""
    note = (
        f"no longer fails: {regression.told}{but}; the file stays, to be checked again or removed"
    )
    return _recheck(file, regression, "passes", note)


def _recheck(file: str, regression: Regression, outcome: Outcomes, note: str) -> Recheck:
    told = f"regression {file} {note}" if note else ""
    return Recheck(
        file=file, check=regression.check, array=regression.array, outcome=outcome, note=told
    )
