"""The options of the commands, as ``--help`` lists them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

Command = Callable[..., Any]
Declaration = Callable[[Command], Command]


def checking(command: Command) -> Command:
    """Give a command the options of ``gradcheck check``."""
    return _declared(
        command,
        [_targets(required=False), _json("report"), *_CHECKS, *_READING, *_ISOLATION],
    )


def listing(command: Command) -> Command:
    """Give a command the options of ``gradcheck list``."""
    return _declared(
        command,
        [_targets(required=True), _json("list for a machine"), *_READING, *_ISOLATION],
    )


def snapshotting(command: Command) -> Command:
    """Give a command the options of ``gradcheck snapshot``."""
    written = click.option(
        "--output",
        "-o",
        default="gradcheck.baseline.json",
        show_default=True,
        metavar="FILE",
        help="Where the baseline goes.",
    )
    return _declared(command, [_targets(required=True), written, *_drawing(30), *_READING])


def comparing(command: Command) -> Command:
    """Give a command the options of ``gradcheck compare``."""
    file = click.argument("file", metavar="BASELINE")
    update = click.option(
        "--update",
        is_flag=True,
        help="Then record the layers that changed anew, and exit with 0.",
    )
    targets = _targets(required=False)
    return _declared(command, [file, targets, _json("comparison for a machine"), update, *_READING])


def _declared(command: Command, declarations: Sequence[Declaration]) -> Command:
    for one in reversed(declarations):
        command = one(command)
    return command


def _targets(*, required: bool) -> Declaration:
    return click.argument("targets", metavar="TARGET[::LAYER]...", nargs=-1, required=required)


def _json(what: str) -> Declaration:
    what = "machine-readable report" if what == "report" else what
    return click.option(
        "--json",
        "json_path",
        is_flag=False,
        flag_value="-",
        metavar="[FILE]",
        help=f"Write the {what} to FILE, or to standard output.",
    )


def _drawing(examples: int) -> tuple[Declaration, ...]:
    return (
        click.option(
            "--examples",
            default=examples,
            show_default=True,
            type=click.IntRange(1, 1_000_000),
            help="Cases drawn for each layer.",
        ),
        click.option(
            "--seed",
            default=0,
            show_default=True,
            type=click.IntRange(0, 2**63 - 1),
            help="The same seed draws the same cases.",
        ),
    )


_CHECKS: tuple[Declaration, ...] = (
    click.option(
        "--select",
        multiple=True,
        metavar="CHECK",
        help="Run only these checks: a name, a code, a prefix of a code (GC1), or a category.",
    ),
    click.option("--ignore", multiple=True, metavar="CHECK", help="Leave these checks out."),
    click.option(
        "--fail",
        multiple=True,
        metavar="CHECK",
        help="Let remarks of these checks fail too: a name, a code, a prefix, or a category.",
    ),
    click.option("--preview", is_flag=True, help="Run the checks that are still tried out."),
    click.option(
        "--waive",
        "waivers",
        multiple=True,
        metavar="LAYER:CHECK=REASON",
        help="Accept a fault that is known; a waiver that matches nothing is told.",
    ),
    click.option(
        "--hints",
        type=click.Choice(["none", "where", "name", "fix"]),
        default="fix",
        show_default=True,
        help="How much is told: that it is wrong, where, which mistake it is, the repair.",
    ),
    click.option(
        "--profile",
        type=click.Choice(["dev", "ci", "thorough"]),
        help="Examples, seed, mode, dtypes and time for shrinking by one name (docs/pytest.md).",
    ),
    *_drawing(60),
    click.option(
        "--mode",
        type=click.Choice(["fast", "thorough", "elementwise"]),
        default="fast",
        show_default=True,
        help="How sharply gradients are compared.",
    ),
    click.option(
        "--strict",
        is_flag=True,
        help="All remarks fail, textbook approximations and an ignored upstream gradient too.",
    ),
    click.option(
        "--save-regressions",
        default="",
        metavar="DIR",
        help="Keep failing cases in this folder, and check those kept there first.",
    ),
    click.option(
        "--write-test",
        default="",
        metavar="FILE",
        help="Write a pytest module with a test of each fault.",
    ),
    click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Colours in the report.",
    ),
    click.option(
        "--self-test",
        is_flag=True,
        help="First see that right layers pass and wrong ones fail here; else exit 3.",
    ),
)
_READING: tuple[Declaration, ...] = (
    click.option(
        "--run-module",
        is_flag=True,
        help="Run everything at the top level of a file, not only its definitions.",
    ),
    click.option(
        "--assume",
        multiple=True,
        metavar="[LAYER:]NAME=VALUE",
        help="Take something as given where a reading is open, as in grad_reduction=mean.",
    ),
    click.option(
        "--config",
        metavar="FILE",
        help="Read this gradcheck.toml or pyproject.toml, not the nearest one above.",
    ),
)
_ISOLATION: tuple[Declaration, ...] = (
    click.option(
        "--isolate",
        is_flag=True,
        help="Run the code under check in a confined process (docs/isolation.md).",
    ),
    click.option(
        "--require",
        default="",
        metavar="LEVEL",
        help="With --isolate: refuse to run where this machine confines less, as in strict.",
    ),
    click.option(
        "--limit",
        "limits",
        multiple=True,
        metavar="NAME=VALUE",
        help="With --isolate: what a hand-in may use, as in request_seconds=10.",
    ),
)
