"""The folder may be named by an option, a keyword, or a file of settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradcheck import check_layer
from gradcheck.configuration import read_configuration
from gradcheck.errors import UsageError
from gradcheck.settings import settings_from
from tests.regressions.layers_of_mine import RIGHT, WRONG


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("gradcheck.toml", 'save_regressions = "kept"\n'),
        ("pyproject.toml", '[tool.gradcheck]\nsave_regressions = "kept"\n'),
    ],
)
def test_a_folder_of_the_settings_file_lies_beside_it(
    run, here: Path, monkeypatch, name: str, text: str
) -> None:
    (here / name).write_text(text, encoding="utf-8")
    (here / "deep").mkdir()
    (here / "deep" / "mine.py").write_text(WRONG, encoding="utf-8")
    monkeypatch.chdir(here / "deep")
    assert run("check", "mine.py", "--examples", 6) == 1
    assert len(list((here / "kept").glob("*.json"))) == 1
    assert run("list", "mine.py") == 0


def test_the_option_goes_before_the_file(run, here: Path) -> None:
    (here / "gradcheck.toml").write_text('save_regressions = "kept"\n', encoding="utf-8")
    (here / "mine.py").write_text(WRONG, encoding="utf-8")
    assert run("check", "mine.py", "--examples", 6, "--save-regressions", "typed") == 1
    assert not (here / "kept").exists()
    assert len(list((here / "typed").glob("*.json"))) == 1


def test_the_folder_is_named_as_seen_from_here(here: Path) -> None:
    (here / "gradcheck.toml").write_text('save_regressions = "kept"\n', encoding="utf-8")
    found = read_configuration(here / "gradcheck.toml").settings["save_regressions"]
    assert found == "kept"


@pytest.mark.parametrize("value", ['""', "3", '["a"]'])
def test_what_is_no_folder_is_told(here: Path, value: str) -> None:
    (here / "gradcheck.toml").write_text(f"save_regressions = {value}\n", encoding="utf-8")
    with pytest.raises(UsageError, match="is no name of a folder"):
        read_configuration(here / "gradcheck.toml")


def test_a_file_in_its_place_is_a_mistake_of_usage(run, here: Path, capsys) -> None:
    (here / "mine.py").write_text(RIGHT, encoding="utf-8")
    (here / "regs").write_text("", encoding="utf-8")
    assert run("check", "mine.py", "--save-regressions", "regs") == 2
    assert "regs: no folder" in capsys.readouterr().err


def test_a_path_is_taken_as_well_as_a_text(here: Path) -> None:
    assert settings_from({"save_regressions": Path("a", "b")}).save_regressions == str(Path("a/b"))
    assert settings_from({}).save_regressions == ""
    space: dict[str, type] = {}
    exec(WRONG, space)
    check_layer(space["Sigmoid"], examples=6, save_regressions=here / "kept")
    assert len(list((here / "kept").iterdir())) == 1


def test_all_notes_on_regressions_are_shown(run, here: Path, capsys) -> None:
    (here / "regs").mkdir()
    for number in range(12):
        (here / "regs" / f"broken{number}.json").write_text("{", encoding="utf-8")
    (here / "mine.py").write_text(RIGHT, encoding="utf-8")
    assert run("check", "mine.py", "--examples", 3, "--save-regressions", "regs") == 0
    out = capsys.readouterr().out
    assert "Regressions" in out
    assert all(f"broken{number}.json" in out for number in range(12))
    assert "more:" not in out
