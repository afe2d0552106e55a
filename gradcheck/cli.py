"""The command line: parse, call, choose a renderer, answer with an exit code.

Exit codes: 0 all pass, 1 findings, 2 wrong usage or unreadable input, 3 our own fault.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gradcheck.errors import GradcheckError, UsageError
from gradcheck.version import __version__

if TYPE_CHECKING:
    from gradcheck.findings import Report

_EXIT = {"pass": 0, "waived": 0, "not-applicable": 0, "not-attempted": 0, "harness-error": 3}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gradcheck")
def cli() -> None:
    """Check hand-written backward passes of NumPy layers.

    Exit codes: 0 all pass, 1 findings, 2 wrong usage or unreadable input, 3 a fault of gradcheck.
    """


@cli.command()
@click.argument("targets", metavar="FILE[::LAYER]...", nargs=-1, required=True)
@click.option(
    "--json",
    "json_path",
    is_flag=False,
    flag_value="-",
    metavar="[FILE]",
    help="Write the machine-readable report to FILE, or to standard output.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="CHECK",
    help="Run only these checks: a name, a code, or a prefix of a code (GC1).",
)
@click.option("--ignore", multiple=True, metavar="CHECK", help="Leave these checks out.")
@click.option(
    "--examples",
    default=60,
    show_default=True,
    type=click.IntRange(1, 1_000_000),
    help="Cases drawn for each layer.",
)
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(0, 2**63 - 1),
    help="The same seed draws the same cases.",
)
@click.option(
    "--mode",
    type=click.Choice(["fast", "thorough", "elementwise"]),
    default="fast",
    show_default=True,
    help="How sharply gradients are compared.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Textbook approximations and an ignored upstream gradient of a loss fail too.",
)
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colours in the report.",
)
def check(targets: tuple[str, ...], json_path: str | None, color: str, **options: Any) -> None:
    """Check every layer of FILE, or only LAYER."""
    from gradcheck.api import check_module  # Hypothesis loads here, not for --help

    reports = []
    for source, symbols in _by_file(targets).items():
        reports.append(check_module(source, symbols=symbols, **options))
    report = _joined(reports)
    if json_path is not None:
        _write_json(report, json_path)
    if json_path != "-":
        from gradcheck.report.terminal import print_report

        print_report(report, _console(color))
    sys.exit(_exit_code(report))


@cli.command()
@click.argument("name", metavar="CHECK")
def explain(name: str) -> None:
    """Explain a check, by its name or code."""
    from gradcheck.checks.catalogue import find_check

    one = find_check(name)
    click.echo(f"{one.name} ({one.code}), {one.category}, {one.stage}\n\n{one.documentation}")


def main() -> None:
    """Run the command line; a user's mistake is one message, never a traceback."""
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
    unusable = [one.checks == () and one.verdict == "error" for one in report.subjects]
    return 2 if unusable and all(unusable) else _EXIT.get(report.verdict, 1)


def _our_fault(error: Exception) -> None:
    import traceback

    traceback.print_exc()
    click.echo(
        f"gradcheck: this is a fault of gradcheck {__version__}, not of the layer under check "
        f"({type(error).__name__}). Please report it with the text above.",
        err=True,
    )
    sys.exit(3)


def _by_file(targets: tuple[str, ...]) -> dict[Path, list[str]]:
    """Group ``FILE::LAYER`` by file; a bare FILE asks for all of its layers."""
    grouped: dict[Path, list[str]] = {}
    whole: set[Path] = set()
    for target in targets:
        name, separator, symbol = target.partition("::")
        if separator and not symbol:
            raise UsageError(f"{target}: the name of a layer is missing after '::'")
        path = Path(name)
        grouped.setdefault(path, [])
        if symbol:
            grouped[path].append(symbol)
        else:
            whole.add(path)
    return {path: [] if path in whole else symbols for path, symbols in grouped.items()}


def _joined(reports: list[Report]) -> Report:
    from gradcheck.findings import Report, worst

    if len(reports) == 1:
        return reports[0]
    subjects = tuple(subject for one in reports for subject in one.subjects)
    return Report(
        version=reports[0].version,
        seed=reports[0].seed,
        verdict=worst(one.verdict for one in subjects),
        settings=reports[0].settings,
        subjects=subjects,
        passed_over={name: why for one in reports for name, why in one.passed_over.items()},
    )


def _write_json(report: Report, path: str) -> None:
    text = report.to_json() + "\n"
    if path == "-":
        click.echo(text, nl=False)
        return
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from None


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
