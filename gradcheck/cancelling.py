"""Factors of the batch size that a loss and the layers under it share out, and that cancel.

In some courses the loss leaves its gradient undivided and every layer divides those of its
parameters. Each by itself is not the gradient of its own forward; together they train rightly. So
the two are checked end to end, and where that is right, each is told in a remark.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from gradcheck.chain import chained
from gradcheck.errors import AdaptError
from gradcheck.findings import Finding, SubjectReport, worst
from gradcheck.runner import check_subject
from gradcheck.settings import Settings
from gradcheck.subject import Subject

_INPUT, _PARAMETER = "input-gradient-wrong", "parameter-gradient-wrong"


def cancelled(
    reports: Sequence[SubjectReport], subject_of: Callable[[int], Subject], settings: Settings
) -> list[SubjectReport]:
    """Return the reports, with remarks for faults of scale where two layers cancel theirs.

    ``subject_of`` gives the subject of the report of this number; it is read only where needed.
    """
    settled = list(reports)
    if settings.strict:
        return settled
    losses = [n for n, one in enumerate(reports) if _scaled(one, _INPUT, "factor-{}")]
    layers = [n for n, one in enumerate(reports) if _scaled(one, _PARAMETER, "factor-1/{}")]
    for layer in layers:
        for loss in losses:
            if _right_together([subject_of(layer), subject_of(loss)], settings):
                told = f"{reports[loss].symbol} after {reports[layer].symbol}"
                settled[layer] = _remarked(settled[layer], told)
                settled[loss] = _remarked(settled[loss], told)
                break
    return settled


def _scaled(report: SubjectReport, check: str, name: str) -> bool:
    """Return whether all faults are of one check and one factor, which is the batch size."""
    wanted = {name.format(axis) for axis in ("N", "m")}
    faults = report.faults
    return bool(faults) and all(
        one.check == check and one.diagnosis is not None and one.diagnosis.name in wanted
        for one in faults
    )


def _right_together(subjects: Sequence[Subject], settings: Settings) -> bool:
    with contextlib.suppress(AdaptError):
        asked = Settings(examples=settings.examples, seed=settings.seed, select=("GC102",))
        return check_subject(chained(subjects), asked).verdict == "pass"
    return False


def _remarked(report: SubjectReport, told: str) -> SubjectReport:
    faults = report.faults
    findings = tuple(
        _remark(one, report.symbol, told) if one in faults else one for one in report.findings
    )
    codes = {one.code for one in faults}
    checks = tuple(
        replace(one, verdict="pass") if one.code in codes else one for one in report.checks
    )
    verdict = worst(one.verdict for one in checks)
    return replace(report, findings=findings, checks=checks, verdict=verdict)


def _remark(found: Finding, symbol: str, told: str) -> Finding:
    factor = found.diagnosis.name.removeprefix("factor-") if found.diagnosis else ""
    headline = f"{symbol}: {found.array} is {factor} times its gradient, and end to end it is right"
    detail = f"{told}: their factors cancel, and the parameters get the gradient of the loss"
    return replace(found, verdict="pass", headline=headline, detail=detail, case={})
