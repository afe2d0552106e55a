"""What a check says, as frozen records: numbers stay numbers until a renderer makes text.

The anatomy of a finding is fixed and each part is a field: headline, numbers, axes, case,
diagnosis, replay. Renderers map verdicts to words and colours; none invents a verdict.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from itertools import islice
from typing import Any, Literal

import msgspec

from gradcheck.errors import GradientCheckFailed
from gradcheck.rechecks import Recheck

SCHEMA = "gradcheck.report/1"
_MOST_SHOWN = 48

Verdict = Literal[
    "pass",
    "fail",
    "inconclusive",  # no trustworthy derivative there: kink, jump, noise
    "error",  # the layer raised, or could not be called at all
    "not-applicable",
    "not-attempted",  # an unfinished stub
    "waived",  # with a reason
    "harness-error",  # our fault, never the student's
]

_WORST_FIRST: tuple[Verdict, ...] = (
    "harness-error",
    "error",
    "fail",
    "inconclusive",
    "waived",
    "pass",
    "not-attempted",
    "not-applicable",
)


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """Analytic against numeric at the worst element, and how many elements are off."""

    index: tuple[int, ...]
    analytic: float
    numeric: float
    error_bound: float
    wrong: int
    total: int


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """The mistake that it looks like, the evidence that holds over all cases seen, the repair."""

    name: str
    text: str
    evidence: str
    repair: str = ""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One fault of one layer (or a remark, when the verdict is ``pass``)."""

    check: str
    code: str
    headline: str
    verdict: Verdict = "fail"
    array: str | None = None
    detail: str = ""
    numbers: Numbers | None = None
    axes: Mapping[str, int] = {}
    shapes: Mapping[str, tuple[int, ...]] = {}
    case: Mapping[str, Any] = {}
    diagnosis: Diagnosis | None = None
    replay: str = ""
    page: str = ""
    waiver: str = ""  # why it is accepted
    size: float | None = None  # of a remark: the relative discrepancy that it explains
    regression: str = ""  # the file that keeps its case
    record: Any | msgspec.UnsetType = msgspec.UNSET  # what such a file holds, where it is asked for


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a check that found no fault could say of one array at one case."""

    verdict: Verdict
    array: str
    resolution: float | None = None
    reason: str = ""


class CheckOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """How one check went over all cases; ``resolution`` is the relative error it could see."""

    check: str
    code: str
    verdict: Verdict
    cases: int
    resolution: float | None = None
    reason: str = ""


class SubjectReport(msgspec.Struct, frozen=True, kw_only=True):
    """All that was found out about one layer."""

    source: str
    symbol: str
    line: int | None
    cell: str = ""  # in a notebook, whose lines ``line`` counts
    kind: str | None
    convention: str
    verdict: Verdict
    assumptions: Mapping[str, str] = {}
    checks: tuple[CheckOutcome, ...] = ()
    findings: tuple[Finding, ...] = ()
    rechecks: tuple[Recheck, ...] = ()  # of cases that were kept before
    cases: int = 0
    forward_calls: int = 0
    backward_calls: int = 0
    seconds: float = 0.0

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that make the layer fail."""
        return tuple(one for one in self.findings if one.verdict in ("fail", "error"))

    @property
    def remarks(self) -> tuple[Finding, ...]:
        """The findings that are worth knowing and fail nothing."""
        return tuple(one for one in self.findings if one.verdict not in ("fail", "error"))

    @property
    def resolution(self) -> float | None:
        """The coarsest relative error that the gradient checks could see."""
        seen = [one.resolution for one in self.checks if one.resolution is not None]
        return max(seen, default=None)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of every ``check_...`` function; schema ``gradcheck.report/1``."""

    schema: str = SCHEMA
    version: str
    seed: int
    verdict: Verdict
    settings: Mapping[str, Any] = {}
    subjects: tuple[SubjectReport, ...] = ()
    passed_over: Mapping[str, str] = {}
    notes: tuple[str, ...] = ()
    confinement: str = ""  # what held the code under check; empty where it ran in this process

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings of all layers, in order."""
        return tuple(finding for subject in self.subjects for finding in subject.findings)

    def raise_if_failed(self, *, check: str | None = None) -> None:
        """Raise :class:`GradientCheckFailed` with the findings as its text, if there are any.

        With ``check`` only those of the check of this name.
        """
        __tracebackhide__ = True
        faults = [fault for one in self.subjects for fault in one.faults]
        faults = [one for one in faults if check in (None, one.check)]
        if faults:
            text = (line for fault in faults for line in ("", *fault_lines(fault)))
            raise GradientCheckFailed("\n".join(text).lstrip("\n"))
        if self.verdict == "harness-error":
            raise GradientCheckFailed("gradcheck itself failed: " + self.summary())

    def summary(self) -> str:
        """Return one line: how many layers, and how they fared."""
        counts = {v: sum(one.verdict == v for one in self.subjects) for v in _WORST_FIRST}
        parts = [f"{count} {verdict}" for verdict, count in counts.items() if count]
        noun = "layer" if len(self.subjects) == 1 else "layers"
        return f"{len(self.subjects)} {noun}: " + (", ".join(parts) or "nothing checked")

    def to_json(self, *, indent: int | None = 2) -> str:
        """Return the machine-readable report; non-finite numbers are written as strings."""
        plain = json_builtins(msgspec.to_builtins(self))
        text = msgspec.json.encode(plain)
        return (msgspec.json.format(text, indent=indent) if indent else text).decode()

    def __str__(self) -> str:
        lines = [self.summary()]
        for subject in self.subjects:
            lines += ["", f"{subject.symbol}: {subject.verdict}"]
            lines += [f"  {line}" for one in subject.findings for line in fault_lines(one)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict that a reader must hear of first; ``not-applicable`` of nothing."""
    seen = set(verdicts)
    return next((one for one in _WORST_FIRST if one in seen), "not-applicable")


def fault_lines(finding: Finding) -> Iterable[str]:
    """Yield a finding as plain lines, in the fixed order of its anatomy."""
    yield f"{finding.headline}  [{finding.code} {finding.check}]"
    yield from (f"  {label:<14}{text}" for label, text in finding_parts(finding))


def finding_parts(finding: Finding) -> Iterable[tuple[str, str]]:
    """Yield the labelled parts below the headline, absent ones left out."""
    if finding.waiver:
        yield "waived", finding.waiver
    if finding.detail:
        for number, line in enumerate(finding.detail.splitlines()):
            yield ("" if number else "what", line)
    if finding.numbers:
        yield "where", number_text(finding.array or "", finding.numbers)
    if finding.axes or finding.shapes:
        yield "shapes", shape_text(finding)
    for number, (name, values) in enumerate(finding.case.items()):
        yield ("" if number else "smallest case", f"{name} = {value_text(values)}")
    if finding.diagnosis:
        yield "looks like", finding.diagnosis.text
        yield "evidence", finding.diagnosis.evidence
        if finding.diagnosis.repair:
            yield "repair", finding.diagnosis.repair
    if finding.replay:
        yield "replay", finding.replay
    if finding.regression:
        yield "kept", f"gradcheck replay {shlex.quote(finding.regression)}"


def number_text(array: str, numbers: Numbers) -> str:
    """Return the worst element in words."""
    place = f"{array}[{', '.join(map(str, numbers.index))}]" if numbers.index else array
    share = f"{numbers.wrong} of {numbers.total} elements wrong"
    if numbers.total == 1:
        share = "its only element"
    return (
        f"{place}: backward gives {decimal(numbers.analytic)}, finite differences give "
        f"{decimal(numbers.numeric)} +- {numbers.error_bound:.0e} ({share})"
    )


def shape_text(finding: Finding) -> str:
    """Return sizes of the named axes, then shapes of the arrays."""
    axes = " ".join(f"{name}={size}" for name, size in finding.axes.items())
    shapes = ", ".join(f"{name} {tuple(shape)}" for name, shape in finding.shapes.items())
    return "; ".join(part for part in (axes, shapes) if part)


def value_text(values: Any) -> str:
    """Return nested lists of numbers as a person writes them, in short decimals.

    More than a few lines of numbers help nobody: of a large array the first ones are shown.
    """
    count = _count(values)
    if count > _MOST_SHOWN:
        return f"{', '.join(islice(_numbers_of(values), 4))}, ... ({count} values)"
    if isinstance(values, (list, tuple)):
        return "[" + ", ".join(value_text(one) for one in values) + "]"
    return decimal(values) if isinstance(values, float) else str(values)


def _numbers_of(values: Any) -> Iterator[str]:
    if isinstance(values, (list, tuple)):
        for one in values:
            yield from _numbers_of(one)
    else:
        yield value_text(values)


def _count(values: Any) -> int:
    return sum(map(_count, values)) if isinstance(values, (list, tuple)) else 1


def decimal(value: float) -> str:
    """Return a float in the fewest digits that tell it from its neighbours in a message."""
    short = f"{value:.7g}"
    return short if any(mark in short for mark in ".einf") else short + ".0"


def json_builtins(value: Any) -> Any:
    """Replace what JSON has not: non-finite floats, and bytes of a file name that are no text."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {json_builtins(key): json_builtins(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_builtins(one) for one in value]
    return value
