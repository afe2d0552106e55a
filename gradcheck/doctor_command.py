"""``gradcheck doctor``: what this machine offers to run strangers' code, and why not more.

Exit codes: 0 what should work here does, 3 it does not (on Linux, not even level ``basic``).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gradcheck.sandbox.examination import Examination


@click.command()
@click.option("--all", "every_level", is_flag=True, help="Try every level, not only the best.")
@click.option(
    "--json",
    "json_path",
    metavar="FILE",
    help="Write what was found as JSON, to FILE or to - (standard output).",
)
def doctor(every_level: bool, json_path: str | None) -> None:
    """Tell how far this machine can confine a hand-in, and why not further.

    Every mechanism is put in force in a throwaway process, and what a hand-in must not do is tried
    there.
    """
    from gradcheck.sandbox.examination import examine

    found = examine(every_level)
    if json_path is not None and json_path != "-":
        from gradcheck.baseline.store import write_told

        write_told(json_path, found.to_json() + "\n")
    if json_path == "-":
        click.echo(found.to_json())
    else:
        for line in told(found):
            click.echo(line)
    sys.exit(0 if found.sound else 3)


def told(found: Examination) -> Iterator[str]:
    """Yield what was found, line by line."""
    for name, value in found.system.items():
        if value:
            yield f"{name:<12}{value}"
    yield ""
    for name, why in found.mechanisms.items():
        yield f"{name:<22}" + (f"no, {why}" if why else "yes")
    yield ""
    yield f"in force by default: {found.in_force}"
    yield f"not more: {found.why_not_more}" if found.why_not_more else "there is no higher level"
    for level, why in found.failed.items():
        yield f"{level}: nothing could be tried ({why})"
    yield ""
    yield from _table(found)


def _table(found: Examination) -> Iterator[str]:
    """Yield what was tried, a line each, with a column for each level."""
    if not found.refused:
        yield "nothing was tried: this system has no way to fork"
        return
    levels = list(found.refused)
    widths = {level: max(len(level), len("refused")) + 2 for level in levels}
    names = list(found.refused[levels[0]])
    first = max(map(len, names)) + 2
    yield f"{'tried':<{first}}" + "".join(f"{one:<{widths[one]}}" for one in levels).rstrip()
    for name in names:
        words = {one: "refused" if found.refused[one][name] else "done" for one in levels}
        yield (
            f"{name:<{first}}" + "".join(f"{words[one]:<{widths[one]}}" for one in levels).rstrip()
        )
    yield ""
    for level in levels:
        outcomes = found.refused[level].values()
        yield f"{level}: {sum(outcomes)} of {len(outcomes)} refused"
