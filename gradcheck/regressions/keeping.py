"""What a run keeps: the case of each fault goes with its finding, and in the end into a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import msgspec
from msgspec.structs import replace

from gradcheck.assumptions import Assumptions
from gradcheck.case import Case
from gradcheck.checks.evaluation import cotangents, evaluate
from gradcheck.findings import Finding, SubjectReport
from gradcheck.regressions.fitting import is_of, layers_gone
from gradcheck.regressions.record import (
    SCHEMA,
    KeptCase,
    KeptLayer,
    Regression,
    kept_arrays,
    plain_option,
)
from gradcheck.regressions.store import keep, saved_in
from gradcheck.settings import Settings
from gradcheck.subject import Subject
from gradcheck.version import __version__

_UNUSABLE = "could not be called"
_WHY: Mapping[str, str] = {
    "not-attempted": "is not written to its end",
    "harness-error": "could not be read",
}


def recorded(found: Finding, subject: Subject, case: Case, settings: Settings) -> Finding:
    """Return the finding with the record of its case, where cases are kept."""
    if not (settings.save_regressions or settings.keep_cases):
        return found
    try:
        record = regression_of(found, subject, case, settings)
    except ValueError as error:  # what it holds is nothing that a file could hold
        why = f"its case is not kept: {error}"
        return replace(found, detail="\n".join(one for one in (found.detail, why) if one))
    return replace(found, record=record)


def regression_of(found: Finding, subject: Subject, case: Case, settings: Settings) -> Regression:
    """Return a finding and its case as a regression file holds them.

    Raises
    ------
    ValueError
        An array holds what JSON numbers cannot give back.
    """
    identity = subject.identity
    upstream = cotangents(subject, case, evaluate(subject, case).outputs)
    said = asdict(settings.layers.get(identity.symbol, Assumptions()).over(settings.assume))
    return Regression(
        schema=SCHEMA,
        version=__version__,
        layer=KeptLayer(
            source=identity.source,
            symbol=identity.symbol,
            kind=identity.kind,
            convention=identity.convention,
        ),
        check=found.check,
        code=found.code,
        array=found.array,
        headline=found.headline,
        diagnosis=found.diagnosis.text if found.diagnosis else "",
        case=KeptCase(
            signature=str(case.signature),
            held=tuple(one.name for one in case.signature.held),
            axes=dict(case.axes),
            options={name: plain_option(value) for name, value in case.options.items()},
            regime=case.regime,
            seed=case.seed,
            mode=case.mode,
            primals=kept_arrays(case.primals),
            upstream=kept_arrays(upstream),
        ),
        assumptions=dict(identity.assumptions),
        assume={name: value for name, value in said.items() if value},
        run_module=settings.run_module,
        strict=settings.strict and found.verdict == "pass",
    )


def kept_faults(
    reports: Sequence[SubjectReport], settings: Settings
) -> tuple[list[SubjectReport], list[str]]:
    """Write the case of each fault that has no file yet; return the reports, and what to tell."""
    if not settings.save_regressions:
        return list(reports), []
    notes = [one.note for report in reports for one in report.rechecks if one.note]
    saved, problems = saved_in(settings.save_regressions)
    told: list[SubjectReport] = []
    for report in reports:
        if not report.cases:  # no check ran at all
            why = f"{report.symbol} {_WHY.get(report.verdict, _UNUSABLE)}"
            notes += [
                f"regression {file} was not checked: {why}"
                for file, one in saved
                if is_of(one, report.symbol, report.source)
            ]
        retired = [one.file for one in report.rechecks if one.outcome != "fails"]
        findings = [_written(one, settings, retired, notes) for one in report.findings]
        told.append(replace(report, findings=tuple(findings)))
    notes += [f"regression {one}" for one in problems]
    return told, notes


def notes_on_gone(
    settings: Settings, sources: Sequence[str], reports: Sequence[SubjectReport]
) -> list[str]:
    """Return notes on the regressions whose layers are gone from sources that were read whole."""
    if not settings.save_regressions:
        return []
    saved, _ = saved_in(settings.save_regressions)
    return list(layers_gone(saved, sources, [(one.source, one.symbol) for one in reports]))


def _written(
    found: Finding, settings: Settings, retired: Sequence[str], notes: list[str]
) -> Finding:
    """Return the finding with the name of its file; what cannot be written becomes a note."""
    record = found.record
    if not settings.keep_cases:
        found = replace(found, record=msgspec.UNSET)
    fault = found.verdict in ("fail", "error")
    if not (isinstance(record, Regression) and fault) or found.regression:
        return found
    try:
        return replace(found, regression=keep(record, settings.save_regressions, retired))
    except OSError as error:
        why = f"not written, {settings.save_regressions}: {error.strerror or error}"
        notes.append(f"regression {record.told} {why}")
        return found
