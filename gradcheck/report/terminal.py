"""What a person reads at the desk: each layer in a line, each fault in full."""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gradcheck.findings import Finding, Report, SubjectReport, Verdict, finding_parts

_USUAL = "layer-object"
_COMMANDS = ("replay", "kept")
_KEPT = "regression "  # how notes on cases that were kept begin: all of them are shown
_MOST_LINES = 8
_MOST_NAMED = 3
_MARKS: dict[Verdict, tuple[str, str, str]] = {
    "pass": ("ok", "green", "right"),
    "fail": ("X", "bold red", "WRONG"),
    "error": ("!", "bold red", "ERROR"),
    "inconclusive": ("?", "yellow", "unclear"),
    "not-applicable": ("-", "dim", "nothing checked"),
    "not-attempted": ("-", "dim", "not attempted"),
    "waived": ("~", "yellow", "waived"),
    "harness-error": ("!", "bold magenta", "GRADCHECK FAILED"),
}


def print_report(report: Report, console: Console) -> None:
    """Write ``report`` to ``console``."""
    for source in dict.fromkeys(one.source for one in report.subjects):
        console.print(Text(source or "layers", style="bold"))
        subjects = [one for one in report.subjects if one.source == source]
        console.print(_overview(subjects))
    for subject in report.subjects:
        for finding in subject.faults:
            console.print()
            console.print(_fault(finding))
            commands = [one for one in finding_parts(finding) if one[0] in _COMMANDS]
            for label, text in (*commands, ("more", finding.page)):
                if text:  # outside the table: a command to copy must not be folded
                    line = Text(f"  {label:<15}", style="cyan").append(text, style="default")
                    console.print(line, soft_wrap=True)
    remarks = [one for subject in report.subjects for one in subject.remarks]
    if remarks:
        console.print()
        console.print(_remarks(remarks))
    for title, lines, most in _sections(report):
        if lines:
            console.print()
            shown = [
                Padding(Text(one, style="dim"), (0, 0, 0, 2), expand=False) for one in lines[:most]
            ]
            console.print(Group(Text(title, style="bold"), *shown))
        if len(lines) > most:
            rest = f"  ... and {len(lines) - most} more: gradcheck list {_targets(report)}"
            console.print(Text(rest, style="dim"), soft_wrap=True)
    console.print()
    if report.confinement:
        told = f"run in worker processes, confinement: {report.confinement}"
        console.print(Text(told, style="dim"), soft_wrap=True)
    console.print(_last_line(report))


def _overview(subjects: list[SubjectReport]) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for subject in subjects:
        mark, style, word = _MARKS[subject.verdict]
        table.add_row(
            Text(f"  {mark}", style=style),
            Text(subject.symbol, style="bold"),
            Text(_place(subject), style="dim"),
            Text(word, style=style),
            Text("; ".join(_facts(subject)), style="dim"),
        )
    return table


def _facts(subject: SubjectReport) -> Iterator[str]:
    for reason in ("unfinished", "fault of gradcheck"):
        if reason in subject.assumptions:
            yield subject.assumptions[reason]
    names = dict.fromkeys(one.check for one in subject.faults)
    if names:
        yield ", ".join(names)
    if subject.cases:
        yield f"{subject.cases} cases"
    if subject.verdict == "pass" and subject.resolution is not None:
        yield f"resolution {subject.resolution:.0e}"
    if subject.remarks:
        yield "with a remark" if len(subject.remarks) == 1 else "with remarks"


def _place(subject: SubjectReport) -> str:
    line = f"line {subject.line}" if subject.line else ""
    return ", ".join(part for part in (subject.cell, line) if part)


def _sections(report: Report) -> Iterator[tuple[str, list[str], int]]:
    """Yield title, lines, and how many of them are shown, of what there is beside the layers."""
    yield "Read as", list(_assumptions(report)), len(report.subjects)
    passed_over = [f"{name}: {why}" for name, why in report.passed_over.items()]
    yield "Passed over", passed_over, _MOST_LINES
    kept = [one for one in report.notes if one.startswith(_KEPT)]
    yield "Regressions", kept, len(kept)
    yield "Notes", [one for one in report.notes if one not in kept], _MOST_LINES


def _assumptions(report: Report) -> Iterator[str]:
    """Yield how layers were read that are not simply read in the usual way."""
    for subject in report.subjects:
        told = dict(subject.assumptions)
        if "unfinished" in told or "fault of gradcheck" in told:
            continue
        read = [told.pop("read as")] if "read as" in told else []
        if told or (read and subject.convention != _USUAL):
            parts = [*read, *(f"{name} {text}" for name, text in told.items())]
            yield f"{subject.symbol}: {'; '.join(parts)}"


def _targets(report: Report) -> str:
    """Return what to list for all that a report does not show."""
    paths = [one.source for one in report.subjects if one.source]
    paths += [name.rpartition("::")[0] for name in report.passed_over if "::" in name]
    notes = [note for note in report.notes if not note.startswith(_KEPT)]
    paths += [note.partition(": ")[0] for note in notes]
    paths = list(dict.fromkeys(paths))
    if len(paths) > _MOST_NAMED:
        with contextlib.suppress(ValueError):  # on several drives
            paths = [os.path.commonpath(paths) or "."]
    return " ".join(shlex.quote(one) for one in paths[:_MOST_NAMED])


def _fault(finding: Finding) -> RenderableType:
    title = Text(finding.headline, style="bold red")
    title.append(f"  {finding.check} ({finding.code})", style="dim")
    return Group(title, Padding(_parts(finding), (0, 0, 0, 2)))


def _parts(finding: Finding) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="cyan", no_wrap=True, width=13)
    table.add_column(overflow="fold")
    for label, text in finding_parts(finding):
        if label in _COMMANDS:
            continue
        style = "bold" if label in ("looks like", "where") else ""
        table.add_row(label, Text(text, style=style))
    return table


def _remarks(remarks: list[Finding]) -> RenderableType:
    lines: list[RenderableType] = [Text("Remarks", style="bold yellow")]
    for one in remarks:
        title = Text(one.headline).append(f"  {one.check} ({one.code})", style="dim")
        lines.append(Padding(title, (0, 0, 0, 2)))
        below = f"waived: {one.waiver}" if one.waiver else one.detail
        if below:
            lines.append(Padding(Text(below, style="dim"), (0, 0, 0, 4)))
    return Group(*lines)


def _last_line(report: Report) -> Text:
    style = _MARKS[report.verdict][1]
    seconds = sum(one.seconds for one in report.subjects)
    cases = sum(one.cases for one in report.subjects)
    return Text(f"{report.summary()}; {cases} cases in {seconds:.1f} s", style=style)
