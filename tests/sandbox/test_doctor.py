"""``gradcheck doctor``: what it prints, writes and answers."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gradcheck.cli import cli
from gradcheck.doctor_command import told
from gradcheck.sandbox import examination
from gradcheck.sandbox.attempts import ATTEMPTS
from gradcheck.sandbox.confinement import LEVELS, at_least, offered
from gradcheck.sandbox.examination import Examination

LESS = Examination(
    system={"system": "Linux 5.10", "user": ""},
    mechanisms={"limits": "", "landlock": "kernel 5.10 is older than 5.13"},
    level="seccomp",
    in_force="seccomp (seccomp, rlimits)",
    why_not_more="strict: not offered (landlock: kernel 5.10 is older than 5.13)",
    refused={"seccomp": {"write a file": True, "read a private file": False}},
    failed={},
)


def doctor(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["doctor", *arguments])


def test_it_tells_the_level_and_what_was_refused() -> None:
    answer = doctor()
    assert answer.exit_code == 0
    assert f"in force by default: {offered()}" in answer.output
    for attempt in ATTEMPTS:
        assert attempt in answer.output
    assert f"{offered().level}: " in answer.output
    assert f" of {len(ATTEMPTS)} refused" in answer.output
    for why in offered().missing.values():
        assert why in answer.output


def test_all_levels_that_are_offered_stand_side_by_side() -> None:
    lines = doctor("--all").output.splitlines()
    (head,) = [line for line in lines if line.startswith("tried")]
    assert head.split()[1:] == [one for one in LEVELS if at_least(offered().level, one)]
    (fork,) = [line for line in lines if line.startswith("open a UDP socket")]
    words = fork.split()[4:]
    assert words[:2] == ["done", "done"]
    assert set(words[2:]) <= {"refused"}


@pytest.mark.parametrize("place", ["-", "found.json"])
def test_json_is_for_machines(place: str, tmp_path: Path) -> None:
    path = place if place == "-" else str(tmp_path / place)
    answer = doctor("--json", path)
    text = answer.output if place == "-" else Path(path).read_text()
    found = json.loads(text)
    assert found["level"] == offered().level
    assert found["in_force"] == str(offered())
    assert set(found["refused"][found["level"]]) == set(ATTEMPTS)
    assert ("in force by default" in answer.output) == (place != "-")


def test_a_file_that_cannot_be_written_is_named() -> None:
    answer = doctor("--json", "/no/such/folder/found.json")
    assert "/no/such/folder/found.json: cannot be written" in str(answer.exception)


def test_it_says_why_not_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "examine", lambda _: LESS)
    answer = doctor()
    assert answer.exit_code == 0
    assert "landlock              no, kernel 5.10 is older than 5.13\n" in answer.output
    assert "not more: strict: not offered (landlock: kernel 5.10" in answer.output
    assert "seccomp: 1 of 2 refused" in answer.output
    assert "user" not in answer.output.splitlines()[1]


@pytest.mark.skipif(sys.platform != "linux", reason="what should work on Linux")
@pytest.mark.parametrize(
    "found",
    [replace(LESS, level="none"), replace(LESS, failed={"seccomp": "it died"})],
)
def test_less_than_basic_is_exit_code_3(
    found: Examination, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "examine", lambda _: found)
    assert doctor().exit_code == 3


def test_where_nothing_can_be_tried_it_says_so() -> None:
    lines = list(told(replace(LESS, level="none", refused={})))
    assert lines[-1] == "nothing was tried: this system has no way to fork"
