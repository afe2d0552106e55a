"""Files as people hand them in: encodings, line ends, binary, missing, broken."""

from __future__ import annotations

import inspect
import linecache
import os
import traceback
from pathlib import Path

import pytest

from gradcheck.errors import SourceError
from gradcheck.sources import read_source


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (b"\xef\xbb\xbfclass A: 'caf\xc3\xa9'\n", ""),
        (b"# -*- coding: latin-1 -*-\nclass A: 'caf\xe9'\n", ""),
        (b"class A: 'caf\xe9'\r\n", "read as cp1252"),
        (b"# -*- coding: no-such-codec -*-\nclass A: 'caf\xc3\xa9'\n", ""),
        ("class A: 'café'\n".encode("utf-16"), "UTF-16"),
        (b"class A: 'caf\xe9 \x81'\n", "read as latin-1"),
    ],
)
def test_encodings(module, content: bytes, note: str) -> None:
    read = module(content)
    assert read.definitions[0].value.__doc__.startswith("café")
    assert note in " ".join(read.notes)
    assert bool(note) == bool(read.notes)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_do_not_change_line_numbers(module, end: str) -> None:
    read = module(end.join(["x = 1", "", "class A:", "    y = '''a", "b'''", ""]).encode())
    assert read.definitions[0].line == 3
    assert read.definitions[0].value.y == "a\nb"
    assert inspect.getsource(read.definitions[0].value) == "class A:\n    y = '''a\nb'''\n"


def test_unicode_names_of_files_and_things(module) -> None:
    read = module("class Schicht_ä: pass\nσ = lambda x: x\n", "Übung 1 (копия).py")
    assert [one.name for one in read.definitions] == ["Schicht_ä", "σ"]


def test_an_empty_file_has_no_definitions(module) -> None:
    assert module("").definitions == ()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("class A:\n  x = 1\n y = 2\n", ":3: Python cannot read this: IndentationError"),
        ("class A:\n\tx = 1\n        y = 2\n", ":3: Python cannot read this: TabError"),
        ("print 'loss' 3\n", ":1: .*looks like Python 2"),
        (b"\x7fELF\0\0", "binary file"),
        (b"\xff\xfe\x00", "not a text file"),
        ("x = " + "(" * 5000 + ")" * 5000, "too many nested|too deeply nested"),
        ("x = " + "-" * 100_000 + "1", "too deeply nested"),
    ],
)
def test_what_python_cannot_read_is_told_with_its_line(module, content, expected: str) -> None:
    with pytest.raises(SourceError, match=rf"layers\.py.*({expected})|layers\.py{expected}"):
        module(content)


def test_the_line_at_fault_is_shown(module) -> None:
    with pytest.raises(SourceError, match="\n    y = = 2"):
        module("x = 1\ny = = 2\n")


def test_a_missing_file_names_its_neighbours(hand_in) -> None:
    folder = hand_in({"layers.py": "", "other.py": ""})
    with pytest.raises(SourceError, match=r"no such file; did you mean 'layers\.py'.*other\.py"):
        read_source(folder / "layer.py")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"there is no folder .*nowhere"):
        read_source(tmp_path / "nowhere" / "layers.py")


def test_links_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a.py").symlink_to(tmp_path / "b.py")
    (tmp_path / "b.py").symlink_to(tmp_path / "a.py")
    with pytest.raises(SourceError, match="cannot be read"):
        read_source(tmp_path / "a.py")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(hand_in) -> None:
    path = hand_in({"layers.py": ""}) / "layers.py"
    path.chmod(0)
    with pytest.raises(SourceError, match="Permission denied"):
        read_source(path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "layers.py")
    with pytest.raises(SourceError, match="not a regular file"):
        read_source(tmp_path / "layers.py")


def test_a_name_that_no_file_can_have() -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        read_source("layers\0.py")


def test_magics_of_an_exported_notebook_are_passed_over(module) -> None:
    text = (
        "%matplotlib inline\n!pip install x\nfiles = !ls\nclass A:\n    s = '''\n% keep\n'''\nA?\n"
    )
    read = module(text + "get_ipython().run_line_magic('cd', '..')\n")
    assert read.definitions[0].line == 4
    assert read.definitions[0].value.s == "\n% keep\n"


def test_the_source_of_what_was_read_can_be_inspected(module) -> None:
    read = module("x = 1\nclass A:\n    def f(self):\n        return 1\n\ndef g(): pass\n")
    a, g = (one.value for one in read.definitions)
    assert inspect.getsource(a) == "class A:\n    def f(self):\n        return 1\n"
    assert inspect.getsource(g) == "def g(): pass\n"


def test_tracebacks_show_the_line_even_after_the_file_is_gone(module) -> None:
    read = module("def f():\n    return 1 / 0  # here\n")
    Path(read.path).unlink()
    linecache.checkcache()
    with pytest.raises(ZeroDivisionError) as caught:
        read.definitions[0].value()
    frame = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (frame.filename, frame.lineno) == (read.files[0], 2)
    assert frame.line == "return 1 / 0  # here"


def test_files_bear_the_name_that_the_user_gave(hand_in, source, monkeypatch) -> None:
    folder = hand_in(
        {"a/layers.py": "from base import B\nclass A(B): pass\n", "base.py": "class B: pass"}
    )
    monkeypatch.chdir(folder.parent)
    read = source("hand_in/a/layers.py").modules[0]
    assert read.path == "hand_in/a/layers.py"
    assert read.files == ("hand_in/a/layers.py", "hand_in/base.py")
