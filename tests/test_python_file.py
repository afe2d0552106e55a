"""Files that are not ours: definitions run, scripts do not, faults are told with their place."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gradcheck.errors import SourceError
from gradcheck.sources.python_file import read_python_file


@pytest.fixture
def read(tmp_path: Path):
    def write_and_read(text: str | bytes, name: str = "their_file.py"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_python_file(path)

    return write_and_read


def test_classes_in_the_order_of_the_file_with_their_lines(read) -> None:
    module = read("import math\n\nclass B:\n    pass\n\n\nclass A(B):\n    pass\n")
    assert [(one.name, one.line) for one in module.classes] == [("B", 3), ("A", 7)]


@pytest.mark.parametrize(
    "statement",
    [
        "print('x')",
        "raise RuntimeError",
        "input()",
        "for i in range(3): raise RuntimeError",
        "open('written.txt', 'w')",
        "data = open('absent.csv').read()",
        "if __name__ == '__main__':\n    raise RuntimeError",
        "with open('absent') as f:\n    pass",
    ],
)
def test_scripts_do_not_run(read, statement: str) -> None:
    assert len(read(f"class A: pass\n{statement}\n").classes) == 1


@pytest.mark.parametrize(
    "constant",
    ["EPS = 1e-7", "EPS = np.finfo(float).eps", "EPS: float = float('1e-7')", "EPS = 2 * 10**-8"],
)
def test_constants_are_there_for_the_layers(read, constant: str) -> None:
    module = read(f"import numpy as np\n{constant}\nclass A:\n    eps = EPS\n")
    assert module.classes[0].value.eps > 0


def test_optional_imports_may_fail_inside_try(read) -> None:
    text = "try:\n    import no_such_thing_at_all\nexcept ImportError:\n    pass\nclass A: pass\n"
    assert len(read(text).classes) == 1


def test_imports_from_the_same_folder(read, tmp_path: Path) -> None:
    (tmp_path / "beside_it_7.py").write_text("class Base: pass\n")
    module = read("from beside_it_7 import Base\nclass A(Base): pass\n")
    assert module.classes[0].value.__mro__[1].__name__ == "Base"
    assert str(tmp_path) not in sys.path


def test_a_byte_order_mark_and_a_coding_line(read) -> None:
    assert read(b"\xef\xbb\xbfclass A: pass\n").classes
    assert read("# -*- coding: latin-1 -*-\nclass A: '\xe9'\n".encode("latin-1")).classes


def test_sys_modules_is_left_as_it_was(read) -> None:
    before = sys.modules.get("json")
    read("class A: pass\n", "json.py")
    assert sys.modules.get("json") is before


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("class A:\n  x = 1\n y = 2\n", ":3: Python cannot read this"),
        ("class A:\n    x = 1 / 0\n", ":2: the file's definitions do not run: ZeroDivisionError"),
        ("import sys\nclass A:\n    sys.exit(3)\n", ":3: the file's definitions do not run"),
        (b"\xff\xfe\x00class", "cannot read this"),
    ],
)
def test_faults_are_told_with_file_and_line(read, text: str | bytes, expected: str) -> None:
    with pytest.raises(SourceError, match=r"their_file\.py") as caught:
        read(text)
    assert expected in str(caught.value)


def test_a_missing_file_names_its_neighbours(read, tmp_path: Path) -> None:
    read("class A: pass\n", "layers.py")
    with pytest.raises(SourceError, match=r"no such file.*layers\.py"):
        read_python_file(tmp_path / "layer.py")
