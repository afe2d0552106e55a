"""``package.module`` and ``module:Object`` name code of one's own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gradcheck.errors import SourceError
from gradcheck.sources import read_source

MODULE = """\
from fractions import Fraction
x = 1
class B: pass
class A(B):
    class In: pass
a = A()
def f(): pass
"""


@pytest.fixture
def package(hand_in, monkeypatch) -> Path:
    folder = hand_in(
        {
            "own_pkg/__init__.py": "from own_pkg.layers import A\nclass Z: pass\n",
            "own_pkg/layers.py": MODULE,
            "own_pkg/broken.py": "x = = 1\n",
            "own_pkg/lacking.py": "import nowhere_at_all\n",
            "own_pkg/failing.py": "raise SystemExit(3)\n",
        }
    )
    monkeypatch.chdir(folder)
    yield folder
    for name in [one for one in sys.modules if one.split(".")[0] == "own_pkg"]:
        del sys.modules[name]


def test_a_module_gives_what_it_defines(package, source) -> None:
    read = source("own_pkg.layers").modules[0]
    assert [(one.name, one.line) for one in read.definitions] == [("B", 3), ("A", 4), ("f", 7)]
    assert read.path == "own_pkg.layers"
    assert read.files == (str(package / "own_pkg" / "layers.py"),)
    assert read.definitions[1].value is sys.modules["own_pkg.layers"].A


def test_a_package_gives_what_it_offers_of_its_own(package, source, monkeypatch) -> None:
    monkeypatch.chdir(package / "own_pkg")
    monkeypatch.syspath_prepend(package)
    assert [one.name for one in source("own_pkg").modules[0].definitions] == ["Z", "A"]


@pytest.mark.parametrize(("symbol", "line"), [("A", 4), ("f", 7), ("a", 4), ("A.In", 5)])
def test_an_object_is_given_alone(package, source, symbol: str, line: int) -> None:
    read = source(f"own_pkg.layers:{symbol}")
    (one,) = read.modules[0].definitions
    assert (read.symbol, one.name, one.line) == (symbol, symbol, line)
    assert one.value is eval(symbol, vars(sys.modules["own_pkg.layers"]))


def test_an_object_without_a_line(package, source) -> None:
    assert source("own_pkg.layers:x").modules[0].definitions[0].line is None


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("own_pgk.layers", r"no module named 'own_pgk'; did you mean 'own_pkg'\?"),
        ("own_pkg.layer", r"no module named 'own_pkg\.layer'; did you mean 'own_pkg\.layers'\?"),
        ("own_pkg.layers:Afine", r"own_pkg\.layers: has no 'Afine' \(it has A, B, F"),
        ("own_pkg.layers:Fracton", r"has no 'Fracton'; did you mean 'Fraction'\?"),
        ("own_pkg.broken", r"broken\.py:1: Python cannot read this: invalid syntax"),
        ("own_pkg.lacking", "its import needs nowhere_at_all, which is not installed"),
        ("own_pkg.failing", "own_pkg.failing: its import fails: SystemExit: 3"),
        ("nothing_here_5", r"no such file or folder \(.*nothing_here_5\), and no module named"),
    ],
)
def test_what_is_not_there_is_told_with_the_nearest_name(package, target, expected: str) -> None:
    with pytest.raises(SourceError, match=expected):
        read_source(target)


def test_the_path_is_left_as_it_was(package, source) -> None:
    before = list(sys.path)
    read = source("own_pkg.layers")
    assert sys.path == before
    with read.importable():
        assert sys.path == [str(package), *before]
    assert sys.path == before


def test_a_file_and_an_object_in_it(hand_in, source) -> None:
    path = hand_in({"layers.py": "class A: pass\nclass B: pass\n"}) / "layers.py"
    read = source(f"{path}:B")
    assert (read.symbol, [one.name for one in read.modules[0].definitions]) == ("B", ["B"])
    with pytest.raises(SourceError, match=r"does not define 'C' \(it defines A, B\)"):
        read_source(f"{path}:C")


def test_an_existing_folder_wins_over_a_module_of_its_name(package, source) -> None:
    assert len(source("own_pkg").modules) == 4
