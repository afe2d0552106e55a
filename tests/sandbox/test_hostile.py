"""Hand-ins that attack, and honest ones, at the levels of confinement that this machine offers.

A sample of each family runs by itself; ``GRADCHECK_HOSTILE=all`` (``make test-hostile``) runs
all of them, at the best level and at the lowest that is enough, ``GRADCHECK_HOSTILE=levels`` at
every level at which they must be held off.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console

from gradcheck import check_module
from gradcheck.errors import UsageError
from gradcheck.findings import Report
from gradcheck.report.json_schema import report_schema
from gradcheck.report.terminal import print_report
from gradcheck.sandbox import shared
from gradcheck.sandbox.confinement import LEVELS, offered
from tests.sandbox.expectations import (
    FAMILIES,
    REFUSED,
    SINGLE,
    Expected,
    expected_of,
    levels_for,
    names,
    some_of,
)
from tests.sandbox.made_hand_ins import MADE
from tests.sandbox.world import HOSTILE, World, processes_below

ROOT = Path(__file__).parents[2]
SEED = 20117
EXAMPLES = 8
SHORT = {"load_seconds": 3, "request_seconds": 1.5, "wall_seconds": 8, "cpu_seconds": 8}
SHORT |= {"total_seconds": 12}
"""Limits under which a hang costs little; honest hand-ins run under the usual ones."""

LARGEST = 1 << 20  # bytes of a report
_COMMAND = re.compile(r"^\s*(::[\w-]+|##\[|##vso\[|##teamcity\[)")
_ASKED = os.environ.get("GRADCHECK_HOSTILE", "")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="confinement is for Linux")


def levels() -> list[str]:
    """Return what this machine offers, the weakest first."""
    if sys.platform != "linux":
        return []
    return list(LEVELS[: LEVELS.index(offered().level) + 1])


def runs() -> Iterator[object]:
    """Yield hand-in and level for every run."""
    here = levels()
    for name in some_of(bool(_ASKED)):
        expected = expected_of(name)
        hole = [pytest.mark.xfail(reason=expected.hole, strict=True)] if expected.hole else []
        for level in levels_for(expected, here, _ASKED == "levels"):
            yield pytest.param(name, level, marks=hole, id=f"{name}-{level}")


@dataclass(frozen=True)
class Told:
    """What a run came to: its verdict, all that a person reads, and the machine's report."""

    verdict: str
    text: str
    report: str
    seconds: float


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    one = World(tmp_path / "world")
    with one.running():
        yield one
    one.clean()


def placed(name: str, world: World) -> Path:
    """Hand it in."""
    return MADE[name](world.mine, world) if name in MADE else world.place(name)


def told(target: Path, level: str, limits: dict[str, float]) -> Told:
    """Run the checks and render what they found."""
    start = time.monotonic()
    try:
        report = check_module(
            str(target),
            isolate=level,
            examples=EXAMPLES,
            seed=SEED,
            shrink_seconds=0.1,
            limits=limits,
        )
    except UsageError as error:  # of exit code 2
        return Told(REFUSED, str(error), "", time.monotonic() - start)
    seconds = time.monotonic() - start
    assert level in report.confinement
    out = io.StringIO()
    print_report(report, Console(file=out, width=100, highlight=False, no_color=True))
    return Told(verdict_of(report), out.getvalue(), report.to_json(), seconds)


def verdict_of(report: Report) -> str:
    """Return the verdict, having seen that no layer passes where the whole does not."""
    each = {one.verdict for one in report.subjects}
    assert report.verdict in each
    return report.verdict


@pytest.mark.parametrize(("name", "level"), list(runs()))
def test_hand_in(name: str, level: str, world: World, capfd: pytest.CaptureFixture[str]) -> None:
    expected = expected_of(name)
    target = placed(name, world)
    files, processes = world.files(), processes_below()
    limits = {} if name.startswith("honest") else SHORT
    capfd.readouterr()
    result = told(target, level, limits)
    printed = "".join(capfd.readouterr())
    see_the_world(world, files, processes)
    see_text(result.text + "\n" + printed, world)
    see_report(result, world)
    see_outcome(result, expected)


def see_the_world(world: World, files: dict[str, tuple[object, ...]], processes: set[int]) -> None:
    """See that nothing is left of the run."""
    after = world.files()
    changed = {path for path in files.keys() | after if files.get(path) != after.get(path)}
    assert not changed
    assert not world.visitors()
    assert not world.survivors(processes | zygotes())
    assert not world.signals


def zygotes() -> set[int]:
    """Return the processes that wait for the next hand-in; no worker is among them."""
    nurseries = [one._living.nursery for one in shared._kept.values()]
    return {one._process.pid for one in nurseries if one is not None}


def see_text(text: str, world: World) -> None:
    """See that what a person reads does nothing to a terminal or a log, and tells no secret."""
    assert world.token not in text
    odd = {one for one in text if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert odd <= {"\n"}
    assert not [line for line in text.splitlines() if _COMMAND.match(line)]
    assert len(text) < LARGEST


def see_report(result: Told, world: World) -> None:
    """See that the machine's report is one, of a bounded size, and tells no secret."""
    assert (result.verdict == REFUSED) == (not result.report)
    if result.report:
        assert len(result.report) < LARGEST
        assert world.token not in result.report
        content = json.loads(result.report)
        jsonschema.validate(content, report_schema())
        assert content["verdict"] == result.verdict


def see_outcome(result: Told, expected: Expected) -> None:
    """See that the verdict is one of those that are accepted, in time and in the right words."""
    assert result.verdict in expected.verdicts, result.text
    assert result.seconds < expected.seconds
    words = " ".join(result.text.split())
    for word in expected.words:
        assert word in words
    for word in expected.silent:
        assert word not in words


SPOKEN = [one for one in some_of(bool(_ASKED)) if one.startswith(("print_", "text_", "path_name"))]


@pytest.mark.parametrize("name", SPOKEN)
def test_what_the_command_prints(name: str, world: World) -> None:
    target = placed(name, world)
    report = world.folder.parent / "report.json"
    options = [f"--limit={key}={value}" for key, value in SHORT.items()]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "gradcheck", "check", "--isolate", "--color=never"),
            *(f"--examples={EXAMPLES}", *options, f"--json={report}", target),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"},
        capture_output=True,
        check=False,
        timeout=120,
    )
    text = (done.stdout + done.stderr).decode("utf-8")
    see_text(text, world)
    assert done.returncode in (1, 2), text
    if report.exists():
        jsonschema.validate(json.loads(report.read_text("utf-8")), report_schema())
    assert "confinement: " in text or done.returncode == 2


def test_every_row_of_the_table_is_a_hand_in() -> None:
    bare = {one.removesuffix(".py").removesuffix(".ipynb") for one in names()}
    assert set(SINGLE) <= bare
    assert {one.partition("_")[0] for one in bare} == set(FAMILIES)


def test_every_file_says_what_it_tries() -> None:
    for path in HOSTILE.glob("*.py"):
        text = path.read_text("utf-8")
        assert text.startswith(('"""', "class relu:")), path.name


def test_there_are_enough_of_them() -> None:
    honest = [one for one in names() if one.startswith("honest_")]
    assert len(honest) >= 20
    assert len(names()) - len(honest) >= 200
