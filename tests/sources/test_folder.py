"""Folders: every Python file and notebook below them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gradcheck.errors import SourceError
from gradcheck.sources import folder as folders
from gradcheck.sources import read_source


def test_every_file_below_in_order(hand_in, source) -> None:
    note = {"nbformat": 4, "cells": [{"cell_type": "code", "source": "class N: pass"}]}
    files = {"b.py": "class B: pass", "a/z.py": "from b import B", "c.ipynb": json.dumps(note)}
    folder = hand_in({**files, "read.me": ""})
    read = source(folder)
    assert [Path(one.path).relative_to(folder).as_posix() for one in read.modules] == [
        "a/z.py",
        "b.py",
        "c.ipynb",
    ]
    assert [len(one.definitions) for one in read.modules] == [0, 1, 1]
    assert read.unread == {}


@pytest.mark.parametrize(
    "skipped",
    [
        ".hidden/a.py", ".a.py", "__pycache__/a.py", ".ipynb_checkpoints/a.py", "__MACOSX/a.py",
        ".git/a.py", "venv/a.py", "lib/site-packages/a.py", "build/a.py", "node_modules/a.py",
        "setup.py", "conftest.py", "test_a.py", "notes.txt",
    ],
)  # fmt: skip
def test_what_is_not_the_hand_in_is_skipped(hand_in, source, skipped: str) -> None:
    folder = hand_in({"layers.py": "class A: pass", skipped: "class Skipped: pass"})
    assert [Path(one.path).name for one in source(folder).modules] == ["layers.py"]


def test_a_virtual_environment_of_any_name_is_skipped(hand_in, source) -> None:
    folder = hand_in({"a.py": "", "my/pyvenv.cfg": "", "my/lib/b.py": ""})
    assert len(source(folder).modules) == 1


def test_a_file_that_cannot_be_read_does_not_hide_the_others(hand_in, source) -> None:
    folder = hand_in({"a.py": "class A: pass", "b.py": "x = = 1"})
    read = source(folder)
    assert [one.definitions[0].name for one in read.modules] == ["A"]
    assert list(read.unread) == [str(folder / "b.py")]
    assert "b.py:1: Python cannot read this" in read.unread[str(folder / "b.py")]


def test_a_class_is_the_same_in_all_files_that_import_it(hand_in, source) -> None:
    files = {"p/__init__.py": "from .a import A", "p/a.py": "class A: pass"}
    files |= {
        "p/b.py": "from .a import A\nclass B(A): pass",
        "c.py": "import p\nclass C(p.A): pass",
    }
    read = source(hand_in(files))
    by_name = {d.name: d.value for m in read.modules for d in m.definitions}
    assert issubclass(by_name["B"], by_name["A"])
    assert issubclass(by_name["C"], by_name["A"])


def test_notes_of_a_folder_stay_with_their_files(hand_in, source) -> None:
    read = source(hand_in({"a.py": "import nowhere", "b.py": "from a import nowhere"}))
    assert [len(one.notes) for one in read.modules] == [1, 0]


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no \.py file and no notebook"):
        read_source(tmp_path)


def test_a_folder_of_which_nothing_can_be_read_is_an_error(hand_in) -> None:
    with pytest.raises(SourceError, match=r"none of its 2 files can be read\n.*a\.py:1"):
        read_source(hand_in({"a.py": "x = = 1", "b.py": b"\0"}))


def test_a_folder_with_too_many_files_is_an_error(hand_in, monkeypatch) -> None:
    monkeypatch.setattr(folders, "MOST", 2)
    with pytest.raises(SourceError, match="more than 2 Python files"):
        read_source(hand_in({"a.py": "", "b.py": "", "c.py": ""}))


def test_links_to_folders_are_not_followed(hand_in, source) -> None:
    folder = hand_in({"a.py": ""})
    (folder / "loop").symlink_to(folder)
    assert len(source(folder).modules) == 1


@pytest.mark.parametrize(("marker", "found"), [(".git", False), ("notes", True)])
def test_neighbours_are_not_looked_for_above_a_repository(
    module, hand_in, marker: str, found: bool
) -> None:
    hand_in({f"repo/{marker}/x": "", "far_away_9.py": "class Layer: pass"})
    read = module("from far_away_9 import Layer\n", "repo/a/layers.py")
    assert (read.notes == ()) is found


def test_neighbours_are_looked_for_four_levels_up_but_no_further(module, hand_in) -> None:
    hand_in({"near_9.py": "x = 1", "a/nearer_9.py": "x = 1"})
    read = module("import nearer_9\nimport near_9\n", "a/b/c/d/e/layers.py")
    assert len(read.notes) == 1
    assert "near_9 is not installed" in read.notes[0]
