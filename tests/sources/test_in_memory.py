"""What lies in memory is read as what lies on the disk, and the disk is left alone.

Every reading that the other tests of this room do through their fixtures is done in memory too,
and compared (``same`` in conftest.py); here is what only memory can show.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import subprocess
import sys
import traceback
import zipfile
from collections.abc import Mapping
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy
import pytest

from gradcheck.errors import SourceError
from gradcheck.sources import Source, read_in_memory, read_source

ROOT = Path(__file__).parents[2]
PACKAGES = Path(numpy.__file__).parents[1]
STYLES = sorted((ROOT / "tests" / "conventions" / "styles").glob("*.py"))
EXAMPLES = sorted(
    one for one in (ROOT / "examples").glob("**/*.py") if not one.name.startswith("test_")
)


@pytest.mark.parametrize("path", STYLES, ids=lambda one: one.stem)
def test_layers_of_every_style_are_read_the_same(path: Path, same) -> None:
    same(path)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda one: one.stem)
def test_the_examples_are_read_the_same(path: Path, same) -> None:
    same(path)


@pytest.mark.parametrize("folder", ["examples/homework", "examples/numpy_layers", "layers"])
def test_folders_are_read_the_same(folder: str, same, monkeypatch) -> None:
    monkeypatch.chdir(ROOT)
    same(folder)
    same(ROOT / folder)


@pytest.mark.parametrize(
    ("files", "target"),
    [
        ({"a.py": "x = = 1", "b.py": b"\0"}, ""),
        ({"a.py": "x = = 1"}, "a.py"),
        ({"a.py": b"\0"}, "a.py"),
        ({"a.py": "class A: pass"}, "b.py"),
        ({"a.py": "class A: pass"}, "nowhere/b.py"),
        ({"a.py": "class A: pass"}, "a.py:B"),
        ({"notes.txt": ""}, ""),
        ({"a.ipynb": "{"}, "a.ipynb"),
        ({"a.zip": b"no archive"}, "a.zip"),
        ({"a.zip": b""}, "a.zip/b.py"),
        ({"a.rar": b"Rar!"}, "a.rar"),
        ({"a.py": ""}, "b\0.py"),
        ({"a.py": ""}, "b.zip"),
    ],
)
def test_what_cannot_be_read_is_told_in_the_same_words(hand_in, memory, files, target) -> None:
    named = str(hand_in(files) / target)
    with pytest.raises(SourceError) as on_disk:
        read_source(named)
    with pytest.raises(SourceError) as in_memory:
        memory(named)
    assert str(in_memory.value) == str(on_disk.value).replace("\0", "\\x00")


@pytest.mark.parametrize("target", ["w.zip", "w.zip:A", "w.zip/b/c.py"])
def test_archives_are_read_the_same(tmp_path: Path, memory, monkeypatch, target: str) -> None:
    with zipfile.ZipFile(tmp_path / "w.zip", "w") as archive:
        archive.writestr("a.py", "class A: pass")
        archive.writestr("b/c.py", "import a\nclass C(a.A): n = 1")
    monkeypatch.chdir(tmp_path)
    read = []
    for reader in (read_source, memory):
        with contextlib.closing(reader(target)) as one:
            modules = [(m.path, [d.name for d in m.definitions], m.files) for m in one.modules]
            read.append((one.symbol, modules))
    assert read[0] == read[1]


@pytest.fixture
def serve() -> object:
    """Read files that are nowhere but in memory."""
    opened: list[Source] = []

    def read(files: Mapping[str, str], *asked: str, **options: object) -> Source:
        content = {name: text.encode() for name, text in files.items()}
        opened.append(
            read_in_memory(content, asked or tuple(files)[:1], "work/layers.py", **options)
        )
        return opened[-1]

    yield read
    for one in opened:
        one.close()


def test_tracebacks_and_inspect_show_the_text(serve) -> None:
    text = "class A:\n    def f(self):\n        return 1 / 0  # here\n"
    (one,) = serve({"layers.py": text}).modules[0].definitions
    assert inspect.getsource(one.value) == text
    with pytest.raises(ZeroDivisionError) as caught:
        one.value().f()
    frame = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (frame.filename, frame.lineno, frame.line) == (
        "work/layers.py",
        3,
        "return 1 / 0  # here",
    )


def test_a_file_that_was_refused_says_so_where_it_is_imported(serve) -> None:
    read = serve(
        {"layers.py": "import big\nclass A: pass\n"}, refused={"big.py": "big.py: too large"}
    )
    assert [one.name for one in read.modules[0].definitions] == ["A"]
    assert read.modules[0].notes == ("line 1: import big failed (ImportError: big.py: too large)",)


def test_a_package_that_may_not_be_read_is_told(serve, monkeypatch) -> None:
    class Locked(MetaPathFinder, Loader):
        def find_spec(self, name: str, *rest: object) -> ModuleSpec | None:
            return ModuleSpec(name, self) if name.startswith("locked_package") else None

        def exec_module(self, module: object) -> None:
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(sys, "meta_path", [Locked(), *sys.meta_path])
    text = "try:\n    import locked_package\nexcept ImportError:\n    n = 1\n"
    text += "import locked_package.inner\ndef get(): return n\n"
    read = serve({"layers.py": text}).modules[0]
    assert read.definitions[0].value() == 1
    assert read.notes == (
        "locked_package is installed, but an isolated file may not use it; what needs it was "
        "left out",
    )


def test_a_refused_file_of_a_folder_is_unread(serve) -> None:
    read = serve(
        {"a/b.py": "class B: pass"}, "a/b.py", "a/c.py", folder="a", refused={"a/c.py": "c: a pipe"}
    )
    assert dict(read.unread) == {"work/layers.py/c.py": "c: a pipe"}
    assert [one.path for one in read.modules] == ["work/layers.py/b.py"]


def test_names_that_differ_only_in_case_are_two_files(serve) -> None:
    files = {
        "layers.py": "import Layer, layer\ndef f(): return Layer.n, layer.n\n",
        "Layer.py": "n = 1\n",
        "layer.py": "n = 2\n",
    }
    assert serve(files).modules[0].definitions[0].value() == (1, 2)


# A worker's beginning: gradcheck is there, the folder of `layers` is not, and from the moment
# when the source is read every look at a file outside of Python's own folders is an error.
WORKER = """
import json, os, sys, sysconfig
sys.path[:0] = [{root!r}, {packages!r}]
import gradcheck.sources.in_memory, numpy
from gradcheck.sources.notebook import cells
sys.path.remove({root!r})
allowed = tuple({{sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), sys.base_prefix,
                 os.path.dirname(os.path.dirname(numpy.__file__))}})
sys.path[:] = [one for one in sys.path if one.startswith(allowed)]
touched = []
FILES = ("open", "os.listdir", "os.scandir", "os.chdir", "os.mkdir", "os.remove", "os.rename",
         "os.link", "os.symlink", "shutil.", "tempfile.", "glob.", "pathlib.")
def watch(event, arguments):
    if event.startswith(FILES):
        path = arguments[0] if arguments else ""
        if path != "" and not (isinstance(path, str) and path.startswith(allowed)):
            touched.append([event, repr(path)])
real_stat = os.stat
def stat(path, *arguments, **options):
    if not str(path).startswith(allowed):
        touched.append(["os.stat", repr(path)])
    return real_stat(path, *arguments, **options)
asked = json.load(sys.stdin)
os.chdir("/")
sys.addaudithook(watch)
os.stat = os.lstat = stat
source = gradcheck.sources.in_memory.read_in_memory(
    {{name: text.encode() for name, text in asked["files"].items()}}, asked["asked"], "hand_in",
    folder="")
got = {{d.name: repr(d.value()) for m in source.modules for d in m.definitions
       if d.name.startswith("get")}}
with source.importable():
    import importlib
    for name in asked["import"]:
        got[name] = importlib.import_module(name).n
source.close()
notes = [note for m in source.modules for note in m.notes]
print(json.dumps([touched, got, notes, dict(source.unread)]), file=sys.stdout)
"""


def in_a_worker(files: Mapping[str, str], asked: list[str], *names: str) -> list[object]:
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", WORKER.format(root=str(ROOT), packages=str(PACKAGES))],
        input=json.dumps({"files": files, "asked": asked, "import": names}),
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(done.stdout))


def test_no_file_is_touched(hand_in) -> None:
    notebook = {"nbformat": 4, "cells": [{"cell_type": "code", "source": "class N: pass"}]}
    files = {
        "p/__init__.py": "from .base import B\n",
        "p/base.py": "class B: n = 1\n",
        "a.py": "import p\nimport numpy as np\nfrom lib.far import x\n"
        "import sys\nsys.path.append('lib')\ndef get():\n    import near\n    return near.n\n",
        "lib/far.py": "x = 1\n",
        "lib/near.py": "n = 7\n",
        "broken.py": "x = = 1\n",
        "b.ipynb": json.dumps(notebook),
        "c.py": "import nowhere\nimport importlib\n"
        "def get_c(): return importlib.import_module('math').pi\n",
    }
    asked = [one for one in files if not one.startswith("lib")]
    touched, got, notes, unread = in_a_worker(files, asked, "lib.near")
    assert touched == []
    assert got == {"get": "7", "get_c": "3.141592653589793", "lib.near": 7}
    assert notes == [
        "nowhere is not installed, nor a file beside this one; what needs it was left out"
    ]
    assert list(unread) == ["hand_in/broken.py"]


def test_the_watch_on_files_sees_what_a_hand_in_does() -> None:
    text = "import os\nx = os.path.exists('/etc/passwd')\ny = list(map(open, ['/etc/passwd']))\n"
    files = {"a.py": text}
    touched, *_ = in_a_worker(files, ["a.py"])
    assert ["open", "'/etc/passwd'"] in touched


SHADOWING = ["numpy", "random", "math", "json", "gradcheck", "linecache", "hypothesis"]


def test_names_of_a_hand_in_shadow_nothing() -> None:
    files = {f"{name}.py": "shadow = 1\n" for name in SHADOWING if name != "numpy"}
    files |= {"numpy/__init__.py": "shadow = 1\n", "numpy/linalg.py": "shadow = 1\n"}
    files |= {"sitecustomize.py": "shadow = 2\n", "usercustomize.py": "shadow = 2\n"}
    text = "import numpy, numpy.linalg, random, math, json, linecache, gradcheck\n"
    text += "ALL = [numpy, numpy.linalg, random, math, json, linecache, gradcheck]\n"
    text += (
        "def get():\n    import json\n    return [hasattr(one, 'shadow') for one in [*ALL, json]]\n"
    )
    _, got, notes, unread = in_a_worker({"a.py": text, **files}, ["a.py", *files])
    assert got == {"get": str([False] * 8)}
    assert notes == []
    assert unread == {}


def test_a_hand_in_has_its_own_layers_where_ours_are_not() -> None:
    files = {"a.py": "from layers import n\nfrom utils import m\ndef get(): return n, m\n"}
    files |= {"layers.py": "n = 1\n", "utils.py": "m = 2\n"}
    assert in_a_worker(files, list(files), "layers")[1] == {"get": "(1, 2)", "layers": 1}


def test_ours_are_not_there_without_it() -> None:
    files = {"a.py": "import layers\nclass A: pass\n"}
    assert in_a_worker(files, ["a.py"])[2] == [
        "layers is not installed, nor a file beside this one; what needs it was left out"
    ]
