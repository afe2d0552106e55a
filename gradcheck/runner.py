"""Subject x checks x cases -> report. The one place where all arrows are drawn."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from gradcheck.case import Case
from gradcheck.cases import cases
from gradcheck.checks.catalogue import CHECKS, find_check, selected
from gradcheck.checks.check import Check
from gradcheck.counted import Counted
from gradcheck.diagnosis import explain
from gradcheck.exploration import explore, explore_one, shrink
from gradcheck.findings import CheckOutcome, Finding, Report, SubjectReport, Verdict, worst
from gradcheck.hints import hinted
from gradcheck.reading import settle
from gradcheck.regressions.keeping import kept_faults, recorded
from gradcheck.regressions.rechecking import Rechecked, rechecked
from gradcheck.replay_line import replay_line
from gradcheck.seen import KEPT, Exploration, FaultKey, Tally
from gradcheck.settings import Settings
from gradcheck.stack_room import with_room
from gradcheck.subject import Subject
from gradcheck.version import __version__
from gradcheck.waivers import stale, waived

_ONLY_WHEN_RUN = 0.1  # share of cases in which a check must have said something to be a pass


def check_subject(subject: Subject, settings: Settings, given: Case | None = None) -> SubjectReport:
    """Run the selected checks on one layer, at one given case or at drawn ones."""
    with warnings.catch_warnings():
        # Gradients may be gigantic or nan, which findings tell; under -W error what NumPy warns
        # of at our arithmetic would be our fault. What a layer warns of is caught at its calls.
        warnings.simplefilter("ignore", RuntimeWarning)
        return with_room(lambda: _checked(subject, settings, given))


def _checked(subject: Subject, settings: Settings, given: Case | None) -> SubjectReport:
    start = time.monotonic()
    checks = selected(settings.select, settings.ignore, preview=settings.preview)
    if subject.identity.defects:
        return _defective(subject, checks, settings)
    subject = settle(subject, given)
    counted = Counted(subject)
    said = settings.assumed_for(subject.identity.symbol).accumulation
    counted.accumulation = said or subject.accumulation
    strategy: Any = None if given else cases(counted, dtypes=settings.dtypes, mode=settings.mode)
    runnable = [check for check in checks if check.function]
    saved = rechecked(counted, runnable, settings)
    seen = _explored(counted, runnable, strategy, given, saved, settings)
    if not seen.failing:  # there is nothing to attest of a layer that is wrong
        counted.attest()
    told = _unexplained(seen)
    findings = [_finish(counted, key, seen, strategy, settings) for key in told]
    # In the order of the table: a wrong forward is repaired before its gradient is looked at.
    order = [check.name for check in CHECKS]
    findings.sort(key=lambda one: order.index(one.check))
    remarks = [
        recorded(coded(one, counted, settings), counted, seen.remarked[key], settings)
        for key, one in seen.remarks.items()
        if key not in seen.failing  # a fault is no remark as well
    ]
    if settings.strict:
        remarks = [replace(one, verdict="fail") for one in remarks]
    told_of = [_settled(one, counted, settings) for one in (*findings, *remarks)]
    files = saved.files
    told_of = [replace(one, regression=files.get((one.check, one.array), "")) for one in told_of]
    outcomes = tuple(_outcome(check, seen, told_of) for check in runnable)
    return SubjectReport(
        source=subject.identity.source,
        symbol=subject.identity.symbol,
        line=subject.identity.line,
        kind=subject.identity.kind,
        convention=subject.identity.convention,
        assumptions=dict(subject.identity.assumptions),
        verdict=worst(one.verdict for one in outcomes),
        checks=outcomes,
        findings=tuple(told_of),
        rechecks=saved.rechecks,
        cases=seen.cases,
        forward_calls=counted.forward_calls,
        backward_calls=counted.backward_calls,
        seconds=round(time.monotonic() - start, 4),
    )


def _explored(
    subject: Subject,
    checks: Sequence[Check],
    strategy: Any,
    given: Case | None,
    saved: Rechecked,
    settings: Settings,
) -> Exploration:
    """Return what the checks gave at the one given case, or at drawn ones."""
    if given:
        return explore_one(subject, checks, given, settings.fail, saved.judged)
    return explore(
        subject,
        checks,
        strategy,
        examples=settings.examples,
        seed=settings.seed,
        fail=settings.fail,
        judged=saved.judged,
    )


def _unexplained(seen: Exploration) -> list[FaultKey]:
    """Return the faults that are no mere consequence of another one of the same layer."""
    return [(name, array) for name, array in seen.failing if not seen.explains(find_check(name))]


def assemble(
    subjects: Sequence[SubjectReport],
    settings: Settings,
    passed_over: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    confinement: str = "",
) -> Report:
    """Return the report of all subjects of one run, with the hints that are asked for."""
    stale_ones = stale(settings.waivers, subjects)
    subjects, told = kept_faults(subjects, settings)
    subjects = [
        replace(one, findings=tuple(hinted(found, settings.hints) for found in one.findings))
        for one in subjects
    ]
    return Report(
        version=__version__,
        seed=settings.seed,
        verdict=worst(one.verdict for one in subjects),
        settings=settings.as_mapping(),
        subjects=tuple(subjects),
        passed_over=dict(passed_over or {}),
        notes=(*told, *notes, *stale_ones),
        confinement=confinement,
    )


def _finish(
    subject: Subject,
    key: FaultKey,
    seen: Exploration,
    strategy: Any,
    settings: Settings,
) -> Finding:
    """Return the finding of a fault at its smallest case, with diagnosis and replay."""
    check = find_check(key[0])
    number, case, found = seen.failing[key][0]
    if strategy is not None and number != KEPT:
        smaller = shrink(
            subject,
            check,
            key,
            strategy,
            first=number,
            examples=settings.examples,
            seed=settings.seed,
            seconds=settings.shrink_seconds,
        )
        case, found = smaller or (case, found)
    failing = [case for _, case, _ in seen.failing[key]]
    failing.sort(key=lambda one: not one.generic)
    verdict: Verdict = "error" if check.name == "layer-raises" else found.verdict
    passing = sorted(seen.passing.get(check.name, ()), key=lambda one: not one.generic)
    told = replace(coded(found, subject, settings), verdict=verdict)
    try:
        told = replace(told, diagnosis=explain(subject, found, failing, passing))
    except Exception as error:  # noqa: BLE001 - our fault: it costs the name, never the verdict
        why = f"gradcheck failed while it looked for the mistake: {type(error).__name__}: {error}"
        told = replace(told, detail="\n".join(one for one in (told.detail, why) if one))
    return recorded(told, subject, case, settings)


def _settled(found: Finding, subject: Subject, settings: Settings) -> Finding:
    """Return a finding as it counts: waived where it is accepted."""
    return waived(found, subject.identity.symbol, settings.waivers)


def coded(found: Finding, subject: Subject, settings: Settings) -> Finding:
    """Return the finding of a check with what a check need not know: code, replay, page."""
    check = find_check(found.check)
    return replace(
        found,
        code=check.code,
        replay=replay_line(subject, check, settings),
        page=f"gradcheck explain {check.code}",
    )


def _outcome(check: Check, seen: Exploration, findings: Sequence[Finding]) -> CheckOutcome:
    tally = seen.tallies[check.name]
    verdicts = [one.verdict for one in findings if one.check == check.name]
    sharp = sorted(one.resolution for one in tally.outcomes if one.resolution is not None)
    verdict, reason = _verdict(tally)
    return CheckOutcome(
        check=check.name,
        code=check.code,
        verdict=worst([*verdicts, verdict]),
        cases=tally.cases,
        resolution=sharp[len(sharp) // 2] if sharp else None,
        reason=reason,
    )


def _verdict(tally: Tally) -> tuple[Verdict, str]:
    """Return the verdict of a check without faults: its outcomes, where it gave any."""
    unclear = [one.reason for one in tally.outcomes if one.verdict == "inconclusive"]
    if tally.outcomes and len(unclear) > (1 - _ONLY_WHEN_RUN) * len(tally.outcomes):
        return "inconclusive", max(set(unclear), key=unclear.count)
    return "pass", ""


def _defective(subject: Subject, checks: Sequence[Check], settings: Settings) -> SubjectReport:
    identity = subject.identity
    known = {check.name for check in checks}
    findings = tuple(
        _settled(
            Finding(
                check=defect.check,
                code=find_check(defect.check).code,
                headline=defect.headline,
                detail=defect.detail,
                page=f"gradcheck explain {find_check(defect.check).code}",
            ),
            subject,
            settings,
        )
        for defect in identity.defects
        if defect.check in known
    )
    outcomes = tuple(
        CheckOutcome(check=one.name, code=one.code, verdict=found.verdict, cases=0)
        for one in CHECKS
        for found in findings
        if found.check == one.name
    )
    return SubjectReport(
        source=identity.source,
        symbol=identity.symbol,
        line=identity.line,
        kind=identity.kind,
        convention=identity.convention,
        verdict=worst(one.verdict for one in findings),
        checks=outcomes,
        findings=findings,
    )
