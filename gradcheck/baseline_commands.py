"""``gradcheck snapshot`` and ``gradcheck compare``: a baseline on the command line.

Exit codes: 0 nothing changed beyond rounding, 1 changed, 2 wrong usage or an unreadable file.
"""

from __future__ import annotations

import shutil
import sys
from typing import Any

import click

from gradcheck.command_options import configured
from gradcheck.option_declarations import comparing, snapshotting


@click.command()
@snapshotting
@click.pass_context
def snapshot(
    context: click.Context, /, targets: tuple[str, ...], output: str, **options: Any
) -> None:
    """Record outputs and gradients of every layer of TARGET, to compare with later."""
    from gradcheck.baseline.snapshot import snapshot_module

    baseline = snapshot_module(*targets, path=output, **configured(context, options))
    for layer in baseline.layers:
        if layer.status != "recorded":
            word = "not recorded" if layer.status == "not-read" else "not deterministic"
            click.echo(f"{layer.source}::{layer.symbol}: {word}: {layer.why}")
    count = len(baseline.layers)
    click.echo(
        f"{output}: {baseline.recorded} of {count} layer{'s' * (count != 1)} recorded, "
        f"{baseline.cases} cases"
    )


@click.command()
@comparing
@click.pass_context
def compare(
    context: click.Context,
    /,
    file: str,
    targets: tuple[str, ...],
    json_path: str | None,
    update: bool,
    **options: Any,
) -> None:
    """Run the layers of a baseline again, and say whose values changed beyond rounding.

    TARGET is where the layers are now; without any, where they were recorded.
    """
    from gradcheck.baseline.snapshot import compared
    from gradcheck.baseline.store import read_baseline, write_baseline, write_told
    from gradcheck.report.changes import change_lines

    baseline = read_baseline(file)
    comparison, renewed = compared(
        baseline, targets, configured(context, options), name=file, renew=update
    )
    if json_path == "-":
        click.echo(comparison.to_json())
    else:
        width = min(max(shutil.get_terminal_size((100, 24)).columns, 80), 100)
        for line in change_lines(comparison, width):
            click.echo(line)
        if json_path is not None:
            write_told(json_path, comparison.to_json() + "\n")
    if update:
        write_baseline(renewed, file)
        click.echo(f"{file}: brought up to date, {renewed.recorded} layers", err=json_path == "-")
    sys.exit(1 if comparison.changed and not update else 0)
