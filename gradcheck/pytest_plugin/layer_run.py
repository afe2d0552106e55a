"""One layer is checked once; each of its items asks what that gave for one check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gradcheck.errors import AdaptError

if TYPE_CHECKING:
    from gradcheck.checks.check import Check
    from gradcheck.findings import CheckOutcome, Finding, Report, SubjectReport

Checking = Callable[[Mapping[str, Any]], "Report"]


@dataclass(frozen=True)
class Told:
    """What is told of one check of one layer: a result in pytest's words, its text, figures."""

    result: Literal["passed", "failed", "skipped", "xfailed"]
    text: str
    properties: tuple[tuple[str, Any], ...]
    headline: str = ""


@dataclass
class LayerRun:
    """A layer, and the reports of it: made once for all items that ask with the same options.

    ``title`` names it in the summary, ``symbol`` in items; ``asked`` are the checks that are items
    of this session, in order: what no check of its own tells is told by the first of them. One that
    is ``lost`` could not even be defined: it has a single item, which says so.
    """

    title: str
    symbol: str
    path: Path | None
    line: int | None
    options: Mapping[str, Any]
    checking: Checking
    lost: bool = False
    asked: list[str] = field(default_factory=list)
    _reports: dict[str, Report | AdaptError] = field(default_factory=dict)

    def checks_among(self, selected: Sequence[Check]) -> Sequence[Check]:
        """Return the checks that are items of this layer."""
        from gradcheck.checks.catalogue import find_check

        return (find_check("layer-unusable"),) if self.lost else selected

    def tell(self, check: Check, overriding: Mapping[str, Any], replay: str = "") -> Told:
        """Return what the layer's report says of ``check``; ``replay`` is its line if need be."""
        report = self._report(overriding)
        if isinstance(report, AdaptError):
            return self._unusable(check, str(report))
        (subject,) = report.subjects
        first = check.name == next(iter(self.asked), check.name)
        faults = list(_faults_of(subject, check.name, self.asked if first else ()))
        properties = (*_figures(self, subject, check), *self._notes(report, first))
        if faults:
            text = "\n\n".join(_text(one, replay) for one in faults)
            return Told("failed", text, properties, faults[0].headline)
        accepted = [
            one.waiver
            for one in subject.findings
            if (one.check, one.verdict) == (check.name, "waived")
        ]
        if accepted:
            return Told("xfailed", f"waived: {'; '.join(accepted)}", properties)
        if subject.verdict == "harness-error":
            text = f"gradcheck itself failed: {subject.assumptions.get('fault of gradcheck', '')}"
            return Told("failed" if first else "skipped", text, properties, text)
        why_not = _reason(subject, check)
        return Told("skipped" if why_not else "passed", why_not, properties)

    def _report(self, overriding: Mapping[str, Any]) -> Report | AdaptError:
        key = repr(sorted(overriding.items()))
        if key not in self._reports:
            try:
                self._reports[key] = self.checking(overriding)
            except AdaptError as error:
                self._reports[key] = error
        return self._reports[key]

    def _unusable(self, check: Check, why: str) -> Told:
        headline = f"{self.symbol} could not be checked"
        tells = "layer-unusable" if "layer-unusable" in self.asked else next(iter(self.asked), "")
        properties = (("gradcheck_layer", self.title), ("gradcheck_verdict", "error"))
        if check.name != (tells or check.name):
            return Told("skipped", headline, properties)
        text = f"{headline}  [GC000 layer-unusable]\n  what          {why}"
        told = (*properties, ("gradcheck_fault", "layer-unusable"))
        return Told("failed", text, told, headline)

    def _notes(self, report: Report, first: bool) -> Iterator[tuple[str, str]]:
        """Yield the notes once; whether a waiver of several layers is stale no single one shows."""
        if first:
            for note in report.notes:
                if not (note.startswith("the waiver ") and set("*?[") & set(note.split(":")[0])):
                    yield "gradcheck_note", note


def _faults_of(subject: SubjectReport, name: str, asked: Any) -> Iterator[Finding]:
    """Yield the faults that the item ``name`` tells.

    Those of a layer that could not be run at all and have no item of their own belong to the first
    item, which gives ``asked``.
    """
    for one in subject.faults:
        if one.check == name or (asked and one.check not in asked and not _ran(subject)):
            yield one


def _ran(subject: SubjectReport) -> bool:
    return any(one.cases for one in subject.checks)


def _reason(subject: SubjectReport, check: Check) -> str:
    """Return why a check says nothing, an empty string where it passed."""
    if subject.verdict == "not-attempted":
        return f"not attempted: {subject.assumptions.get('unfinished', 'still to be written')}"
    if check.function is None:
        return ""  # seen when the layer was read, and it was not there
    outcome = _outcome(subject, check)
    if outcome is None:
        headlines = [one.headline for one in subject.findings if one.verdict != "pass"]
        return f"not run: {next(iter(headlines), 'the layer could not be run')}"
    if outcome.verdict == "inconclusive":
        return f"inconclusive: {outcome.reason}"
    return "" if outcome.cases else "not run: another fault of the layer explains what it looks for"


def _outcome(subject: SubjectReport, check: Check) -> CheckOutcome | None:
    return next((one for one in subject.checks if one.check == check.name), None)


def _text(fault: Finding, replay: str) -> str:
    from msgspec.structs import replace

    from gradcheck.findings import fault_lines

    return "\n".join(fault_lines(replace(fault, replay=replay) if replay else fault))


def _figures(
    run: LayerRun, subject: SubjectReport, check: Check
) -> Iterator[tuple[str, str | int | float]]:
    """Yield what the table of the terminal and the properties in JUnit's XML show."""
    outcome = _outcome(subject, check)
    yield "gradcheck_layer", run.title
    yield "gradcheck_check", check.name
    yield "gradcheck_code", check.code
    yield "gradcheck_verdict", subject.verdict
    yield "gradcheck_cases", subject.cases
    yield "gradcheck_check_cases", outcome.cases if outcome else 0
    yield "gradcheck_seconds", subject.seconds
    yield "gradcheck_seed", run.options.get("seed", 0)
    if run.options.get("profile"):
        yield "gradcheck_profile", run.options["profile"]
    if subject.resolution is not None:
        yield "gradcheck_resolution", subject.resolution
    for one in subject.findings:
        if (one.check, one.verdict) == (check.name, "pass"):
            yield "gradcheck_remark", one.headline
    for one in subject.faults:
        if one.check == check.name:
            yield "gradcheck_fault", one.check
            if one.numbers and one.numbers.error_bound > 0:
                apart = abs(one.numbers.analytic - one.numbers.numeric)
                yield "gradcheck_worst", apart / one.numbers.error_bound
