"""Every command of docs/pytest.md is run, and shows what the page says it shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from gradcheck.profiles import PROFILES
from gradcheck.pytest_plugin import INI
from gradcheck.settings import Settings
from tests.pytest.conftest import Run

pytest_plugins = ["pytester"]
PAGE = (Path(__file__).parent.parent.parent / "docs" / "pytest.md").read_text(encoding="utf-8")
COMMANDS = [
    (command, shown.strip().splitlines())
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.S)
    for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.M)
]


def test_commands_show_what_the_page_says(example: Path, run: Run) -> None:
    assert len(COMMANDS) == 6
    for command, shown in COMMANDS:
        program, *arguments = shlex.split(command)
        if program == "sed":
            _, change, file = arguments
            _, old, new, _ = change.split("/")
            path = example / file
            text = path.read_text(encoding="utf-8")
            assert text.count(old) == 1
            path.write_text(text.replace(old, new), encoding="utf-8")
        else:
            run(*arguments).stdout.fnmatch_lines([pattern(line) for line in shown if line])


def pattern(line: str) -> str:
    """Return what a line of the page stands for: times, bounds and drawn values may be others."""
    line = re.sub(r"^[=_]+( .* )[=_]+$", r"*\1*", line)
    line = re.sub(r"-?\d+\.\d+(e[+-]\d+)?|\de[+-]\d+| +\[100%\]|\.\.\.(?!\.)", "*", line)
    return re.sub(r" {2,}\*| {2,}", "*", line).replace("[", "[[]")


def test_the_table_of_profiles_is_that_of_the_package() -> None:
    usual = Settings()
    told = {"none": {name: getattr(usual, name) for name in PROFILES["ci"]}, **PROFILES}
    rows = re.findall(r"^\| (none|`\w+`) \| (\d.*) \|$", PAGE, re.M)
    assert [name.strip("`") for name, _ in rows] == list(told)
    for name, row in rows:
        values = told[name.strip("`")]
        seed = "fresh" if values["seed"] is None else str(values["seed"])
        dtypes, seconds = ", ".join(values["dtypes"]), f"{values['shrink_seconds']:g}"
        expected = [str(values["examples"]), seed, values["mode"], dtypes, seconds]
        assert row.split(" | ") == expected


def test_the_table_of_options_is_complete() -> None:
    assert set(re.findall(r"`(gradcheck_\w+)`", PAGE)) == set(INI)
