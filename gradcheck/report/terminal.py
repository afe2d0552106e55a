"""What a person reads at the desk: each layer in a line, each fault in full."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gradcheck.findings import Finding, Report, SubjectReport, Verdict, finding_parts

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
            for label, text in (("replay", finding.replay), ("more", finding.page)):
                if text:  # outside the table: a command to copy must not be folded
                    line = Text(f"  {label:<15}", style="cyan").append(text, style="default")
                    console.print(line, soft_wrap=True)
    remarks = [one for subject in report.subjects for one in subject.remarks]
    if remarks:
        console.print()
        console.print(_remarks(remarks))
    assumptions = list(_assumptions(report))
    if assumptions:
        console.print()
        console.print(Group(Text("Read as", style="bold"), *assumptions))
    for name, why in report.passed_over.items():
        console.print(Text(f"passed over: {name} ({why})", style="dim"))
    console.print()
    console.print(_last_line(report))


def _overview(subjects: list[SubjectReport]) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for subject in subjects:
        mark, style, word = _MARKS[subject.verdict]
        table.add_row(
            Text(f"  {mark}", style=style),
            Text(subject.symbol, style="bold"),
            Text(f"line {subject.line}" if subject.line else "", style="dim"),
            Text(word, style=style),
            Text("; ".join(_facts(subject)), style="dim"),
        )
    return table


def _facts(subject: SubjectReport) -> Iterator[str]:
    names = dict.fromkeys(one.check for one in subject.faults)
    if names:
        yield ", ".join(names)
    if subject.cases:
        yield f"{subject.cases} cases"
    if subject.verdict == "pass" and subject.resolution is not None:
        yield f"resolution {subject.resolution:.0e}"
    if subject.remarks:
        yield "with a remark" if len(subject.remarks) == 1 else "with remarks"


def _assumptions(report: Report) -> Iterator[RenderableType]:
    """Yield what was assumed of layers that are not simply read in the usual way."""
    for subject in report.subjects:
        told = [f"{name} {text}" for name, text in subject.assumptions.items() if name != "read as"]
        if told:
            line = Text(f"{subject.symbol}: {', '.join(told)}", style="dim")
            yield Padding(line, (0, 0, 0, 2))


def _fault(finding: Finding) -> RenderableType:
    title = Text(finding.headline, style="bold red")
    title.append(f"  {finding.check} ({finding.code})", style="dim")
    return Group(title, Padding(_parts(finding), (0, 0, 0, 2)))


def _parts(finding: Finding) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="cyan", no_wrap=True, width=13)
    table.add_column(overflow="fold")
    for label, text in finding_parts(finding):
        if label == "replay":
            continue
        style = "bold" if label in ("looks like", "where") else ""
        table.add_row(label, Text(text, style=style))
    return table


def _remarks(remarks: list[Finding]) -> RenderableType:
    lines: list[RenderableType] = [Text("Remarks", style="bold yellow")]
    for one in remarks:
        lines.append(Padding(Text(one.headline), (0, 0, 0, 2)))
        lines.append(Padding(Text(one.detail, style="dim"), (0, 0, 0, 4)))
    return Group(*lines)


def _last_line(report: Report) -> Text:
    style = _MARKS[report.verdict][1]
    seconds = sum(one.seconds for one in report.subjects)
    cases = sum(one.cases for one in report.subjects)
    return Text(f"{report.summary()}; {cases} cases in {seconds:.1f} s", style=style)
