"""The table at the end of a session: every layer in a line, those with faults first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_MOST_ROWS = 40
_MOST_LINES = 8
_WORDS = {"fail": "FAIL", "error": "ERROR", "harness-error": "GRADCHECK FAILED"}
_WORST_FIRST = ("harness-error", "error", "fail", "inconclusive", "waived")


@dataclass
class Row:
    """A layer as the table shows it."""

    layer: str
    verdict: str = "pass"
    faults: list[str] = field(default_factory=list)
    cases: int = 0
    worst: float | None = None
    resolution: float | None = None
    seconds: float = 0.0

    def take(self, told: Mapping[str, Any], faults: Iterable[str], worst: Iterable[float]) -> None:
        """Take in what one item told of its layer."""
        self.verdict = told.get("gradcheck_verdict", self.verdict)
        self.faults += [one for one in faults if one not in self.faults]
        self.cases = max(self.cases, int(told.get("gradcheck_cases", 0)))
        self.seconds = max(self.seconds, float(told.get("gradcheck_seconds", 0.0)))
        self.resolution = told.get("gradcheck_resolution", self.resolution)
        self.worst = max([*worst, *([] if self.worst is None else [self.worst])], default=None)

    @property
    def cells(self) -> tuple[str, ...]:
        """The row in text: a gradient that passes is within its bound."""
        within = "< 1" if self.resolution is not None else "-"
        return (
            self.layer,
            _WORDS.get(self.verdict, self.verdict),
            str(self.cases),
            within if self.worst is None else f"{self.worst:.1e}",
            "-" if self.resolution is None else f"{self.resolution:.0e}",
            f"{self.seconds:.2f}",
            ", ".join(self.faults),
        )


_HEADINGS = ("layer", "verdict", "cases", "worst/bound", "resolution", "seconds", "failed")


def summary_lines(told: Iterable[list[tuple[str, Any]]], *, whole: bool = False) -> Iterator[str]:
    """Yield the table and the lines below it; all rows where ``whole`` asks for them."""
    rows: dict[str, Row] = {}
    notes: dict[str, None] = {}
    seeds: dict[str, None] = {}
    for properties in told:
        named = dict(properties)
        row = rows.setdefault(named["gradcheck_layer"], Row(named["gradcheck_layer"]))
        row.take(
            named,
            (value for name, value in properties if name == "gradcheck_fault"),
            (float(value) for name, value in properties if name == "gradcheck_worst"),
        )
        notes |= {
            f"{name.removeprefix('gradcheck_')}: {value}": None
            for name, value in properties
            if name in ("gradcheck_remark", "gradcheck_note")
        }
        seeds |= {_drawn(named): None} if "gradcheck_seed" in named else {}
    ordered = sorted(rows.values(), key=_rank)
    shown = ordered if whole else ordered[:_MOST_ROWS]
    yield from _aligned([_HEADINGS, *(row.cells for row in shown)])
    if len(shown) < len(ordered):
        yield f"... and {len(ordered) - len(shown)} more (-v shows all)"
    yield from list(notes) if whole else list(notes)[:_MOST_LINES]
    if len(notes) > _MOST_LINES and not whole:
        yield f"... and {len(notes) - _MOST_LINES} more remarks and notes (-v shows all)"
    counts = {row.verdict: 0 for row in ordered}
    for row in ordered:
        counts[row.verdict] += 1
    fared = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    noun = "layer" if len(ordered) == 1 else "layers"
    yield "; ".join([f"{len(ordered)} {noun}: {fared}", *seeds])


def _drawn(named: Mapping[str, Any]) -> str:
    profile = f"profile {named['gradcheck_profile']}, " if "gradcheck_profile" in named else ""
    seed = named["gradcheck_seed"]
    return f"{profile}seed {seed} (again: --gradcheck-seed {seed})"


def _rank(row: Row) -> int:
    known = row.verdict in _WORST_FIRST
    return _WORST_FIRST.index(row.verdict) if known else len(_WORST_FIRST)


def _aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    for row in rows:
        cells = [
            text.ljust(width) if number in (0, 1, len(row) - 1) else text.rjust(width)
            for number, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
