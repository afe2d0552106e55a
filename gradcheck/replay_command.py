"""``gradcheck replay``: one kept case again, step by step."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gradcheck.errors import SourceError, UsageError

if TYPE_CHECKING:
    from gradcheck.regressions.replaying import Replay

_EXIT = {"pass": 0}


@click.command()
@click.argument("file", metavar="FILE")
@click.option(
    "--source",
    metavar="TARGET[::LAYER]",
    default="",
    help="Where the layer is now, if it is not where it was.",
)
def replay(file: str, source: str) -> None:
    """Run exactly the case that FILE keeps (check --save-regressions), step by step.

    Exit codes: 0 it passes now, 1 it fails still, 2 FILE cannot be read, or its case is none of
    the layer's.
    """
    from gradcheck.regressions.replaying import replay_in
    from gradcheck.regressions.store import read_regression

    regression = read_regression(Path(file))
    target = source or f"{_place(regression.layer.source, Path(file))}::{regression.layer.symbol}"
    try:
        done = replay_in(target, regression)
    except UsageError as error:
        lost = isinstance(error, SourceError) and not source
        hint = "; if it is elsewhere now, add --source TARGET[::LAYER]" if lost else ""
        raise UsageError(f"{file}: {error}{hint}") from None
    _print(done)
    sys.exit(_EXIT.get(done.verdict, 1))


def _place(source: str, file: Path) -> str:
    """Return where the source is, as seen from here or from the folder that holds the file's.

    Raises
    ------
    UsageError
        It is not known, or not there.
    """
    if not source:
        raise UsageError(f"{file}: it does not say in which file the layer is: add --source TARGET")
    beside = file.resolve().parent.parent / source
    if not Path(source).exists() and beside.exists():
        return str(beside)
    return source


def _print(done: Replay) -> None:
    from gradcheck.regressions.walkthrough import heading, walkthrough

    first, *rest = heading(done)
    click.secho(first, bold=True)
    for line in rest:
        click.echo(f"  {line}")
    for number, step in enumerate(walkthrough(done), 1):
        click.echo()
        click.secho(f"{number}. {step.title}", bold=True)
        for line in step.lines:
            click.echo(f"   {line}".rstrip())
