"""The command line: parse, call, choose a renderer, answer with an exit code.

Exit codes: 0 all pass, 1 findings, 2 wrong usage or unreadable input, 3 our own fault.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gradcheck.baseline_commands import compare, snapshot
from gradcheck.command_options import configured, layers_assumed
from gradcheck.doctor_command import doctor
from gradcheck.errors import GradcheckError, UsageError
from gradcheck.option_declarations import checking, listing
from gradcheck.replay_command import replay
from gradcheck.targets import by_source
from gradcheck.version import __version__

if TYPE_CHECKING:
    from gradcheck.findings import Report
    from gradcheck.inventory import Inventory

_EXIT = {"pass": 0, "waived": 0, "not-applicable": 0, "not-attempted": 0, "harness-error": 3}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gradcheck")
def cli() -> None:
    """Check hand-written backward passes of NumPy layers.

    Exit codes: 0 all pass, 1 findings, 2 wrong usage or unreadable input, 3 a fault of gradcheck.
    """


cli.add_command(snapshot)
cli.add_command(compare)
cli.add_command(doctor)


@cli.command()
@checking
@click.pass_context
def check(
    context: click.Context,
    /,
    targets: tuple[str, ...],
    json_path: str | None,
    color: str,
    self_test: bool,
    write_test: str,
    **options: Any,
) -> None:
    """Check every layer of TARGET, or only LAYER.

    TARGET is a .py file, a notebook, a folder, a .zip or .tar archive, or an import path
    (package.module, module:Object).
    """
    from gradcheck.modules import check_module  # Hypothesis loads here, not for --help

    typed = options["assume"]
    options = configured(context, options)
    if self_test:
        from gradcheck.self_test import control

        click.echo(control(seed=options["seed"]), err=json_path == "-")
    if not targets:
        if self_test:
            sys.exit(0)
        raise click.UsageError("Missing argument 'TARGET[::LAYER]...'.")
    if write_test:
        from gradcheck.regressions.pytest_module import refuse_foreign

        refuse_foreign(write_test)
        options["keep_cases"] = True
    reports = {}
    for source, symbols in by_source(targets).items():
        reports[source] = check_module(source, symbols=symbols, **options)
    report = _joined(reports)
    layers_assumed(typed, [one.symbol for one in report.subjects])
    if json_path is not None:
        _write_json(report, json_path)
    if json_path != "-":
        from gradcheck.report.terminal import print_report

        print_report(report, _console(color))
    if write_test:
        _write_tests(report, write_test)
    sys.exit(_exit_code(report))


@cli.command("list")
@listing
@click.pass_context
def list_layers(
    context: click.Context, /, targets: tuple[str, ...], json_path: str | None, **options: Any
) -> None:
    """Tell which layers TARGET holds and how they are read, without checking them.

    Exit codes: 0 a layer was found, 2 none.
    """
    from gradcheck.listing import joined, list_module
    from gradcheck.report.listing import listing_lines

    options = configured(context, options)
    inventory = joined(
        list_module(source, symbols=symbols, **options)
        for source, symbols in by_source(targets).items()
    )
    if json_path is not None:
        _write_json(inventory, json_path)
    if json_path != "-":
        width = min(max(shutil.get_terminal_size((100, 24)).columns, 80), 100)
        for line in listing_lines(inventory, width):
            click.echo(line)
    sys.exit(0 if inventory.layers else 2)


cli.add_command(replay)


@cli.command()
@click.argument("name", metavar="CHECK|MISTAKE")
def explain(name: str) -> None:
    """Explain a check, by its name or code, or a known mistake by its name."""
    from gradcheck.checks.catalogue import find_check
    from gradcheck.mutants import MUTANTS

    known = [one for one in MUTANTS if one.name == name.lower()]
    try:
        check = find_check(name)
    except UsageError:
        if not known:
            raise
        for one in known:
            text = one.text.replace("{gradient}", "the gradient")
            click.echo(f"{one.name} ({', '.join(one.kinds)})\n  {text}\n  repair: {one.repair}")
    else:
        click.echo(f"{check.name} ({check.code}), {check.category}, {check.stage}\n")
        click.echo(check.documentation)


def main() -> None:
    """Run the command line; a user's mistake is one message, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names in a hand-in may be in any script
            stream.reconfigure(errors="backslashreplace")
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except GradcheckError as error:
        click.echo(f"gradcheck: {error}", err=True)
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001 - the last line of defence: our fault, exit 3
        _our_fault(error)


def _exit_code(report: Report) -> int:
    """Return 2 where not one layer could be called, else what the verdict says."""
    attempted = [one for one in report.subjects if one.verdict != "not-attempted"]
    usable = [one for one in attempted if one.checks or one.verdict != "error"]
    return 2 if attempted and not usable else _EXIT.get(report.verdict, 1)


def _our_fault(error: Exception) -> None:
    import traceback

    traceback.print_exc()
    click.echo(
        f"gradcheck: this is a fault of gradcheck {__version__}, not of the layer under check "
        f"({type(error).__name__}). Please report it with the text above.",
        err=True,
    )
    sys.exit(3)


def _joined(reports: dict[str, Report]) -> Report:
    from gradcheck.findings import Report, worst

    first, *others = reports.values()
    if not others:
        return first
    subjects = tuple(subject for one in reports.values() for subject in one.subjects)
    passed_over = {
        name if "::" in name else f"{source}::{name}": why
        for source, one in reports.items()
        for name, why in one.passed_over.items()
    }
    return Report(
        version=first.version,
        seed=first.seed,
        verdict=worst(one.verdict for one in subjects),
        settings=first.settings,
        subjects=subjects,
        passed_over=passed_over,
        notes=tuple(dict.fromkeys(note for one in reports.values() for note in one.notes)),
        confinement=first.confinement,
    )


def _write_json(report: Report | Inventory, path: str) -> None:
    text = report.to_json() + "\n"
    if path == "-":
        click.echo(text, nl=False)
        return
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from None


def _write_tests(report: Report, path: str) -> None:
    from gradcheck.regressions.pytest_module import write_tests
    from gradcheck.regressions.record import Regression

    faults = [fault for one in report.subjects for fault in one.faults]
    records = [one.record for one in faults if isinstance(one.record, Regression)]
    added = write_tests(path, records)
    told = f"{path}: {len(added)} of {len(records)} tests added"
    bare = len(faults) - len(records)
    click.echo(told + (f"; {bare} faults have no case" if bare else ""), err=True)


def _console(color: str) -> Any:
    from rich.console import Console

    wanted = {"auto": None, "always": True, "never": False}[color]
    console = Console(
        force_terminal=wanted,
        no_color=True if color == "never" else None,
        highlight=False,
        soft_wrap=False,
    )
    if not console.is_terminal:  # a file or a pipe has no width; do not fold short lines
        console.width = max(console.width, 100)
    return console
