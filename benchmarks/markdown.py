"""Tables as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a Markdown table under a bold title."""
    print(f"\n**{title}**\n")
    print("| " + " | ".join(columns) + " |")
    print("|" + " --- |" * len(columns))
    for row in rows:
        print("| " + " | ".join(map(cell, row)) + " |", flush=True)


def cell(value: object) -> str:
    """Write floats with two or three digits, counts with separators, the rest as it is."""
    if isinstance(value, float):
        return f"{value:.2g}" if abs(value) < 0.1 or abs(value) >= 1e4 else f"{value:.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def rate_bound(seen: int, count: int) -> str:
    """Return the rate, or its 95 % upper bound 3 / count where nothing was seen."""
    return f"{seen / count:.1e}" if seen else f"< {3 / max(count, 1):.1e}"
