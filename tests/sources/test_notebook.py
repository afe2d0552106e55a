"""Notebooks: cells in order, magics passed over, faults told by cell."""

from __future__ import annotations

import inspect
import json
import sys
import traceback

import pytest

from gradcheck.errors import SourceError


def notebook(*cells: str, **more: object) -> str:
    listed = [
        {"cell_type": "markdown" if cell.startswith("# ") else "code", "source": cell}
        for cell in cells
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": listed} | more)


@pytest.fixture
def cells(module):
    return lambda *cells, **more: module(notebook(*cells, **more), "net.ipynb")


def test_cells_run_in_order_and_the_last_definition_counts(cells) -> None:
    read = cells("# Title", "class A: n = 1", "class B(A): pass", "class A:\n    n = 2")
    assert [(one.name, one.place, one.line) for one in read.definitions] == [
        ("B", "cell 3", 1),
        ("A", "cell 4", 1),
    ]
    assert (read.definitions[0].value.n, read.definitions[1].value.n) == (1, 2)


def test_a_source_in_lines_and_a_notebook_of_version_3(module) -> None:
    cell = {"cell_type": "code", "input": ["class A:\n", "    pass"], "language": "python"}
    read = module(json.dumps({"nbformat": 3, "worksheets": [{"cells": [cell]}]}), "old.ipynb")
    assert read.definitions[0].name == "A"


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline\nclass A: pass",
        "!pip install numpy\nfiles = !ls\nclass A: pass\nA?",
        "%%time\nclass A: pass",
        "%%capture out\nclass A: pass",
        "if True:\n    %cd ..\nclass A: pass",
    ],
)
def test_magics_are_passed_over(cells, cell: str) -> None:
    read = cells(cell)
    assert [one.name for one in read.definitions] == ["A"]
    assert read.notes == ()


@pytest.mark.parametrize(
    "magic", ["%%bash\nrm -rf x", "%%html\n<p>", "%%writefile a.py\nclass B: 1"]
)
def test_cells_in_other_languages_are_passed_over(cells, magic: str) -> None:
    read = cells(magic, "class A: pass")
    assert [one.name for one in read.definitions] == ["A"]
    assert read.notes == ()


def test_a_cell_that_python_cannot_read_is_named_and_the_others_read(cells) -> None:
    read = cells("class A: pass", "x = 1\ny = = 2", "class B: pass")
    assert [one.name for one in read.definitions] == ["A", "B"]
    assert read.notes == (
        "cell 2, line 2: Python cannot read this: invalid syntax; the cell was left out",
    )


def test_a_statement_that_fails_is_told_with_its_cell(cells) -> None:
    read = cells("class A: n = 1", "class A:\n    n = 1 / 0")
    assert read.notes == (
        "cell 2, line 2: A could not be defined (ZeroDivisionError: division by zero)",
    )
    assert [(one.place, one.value.n) for one in read.definitions] == [("cell 1", 1)]


def test_tracebacks_name_the_cell(cells) -> None:
    read = cells("x = 1", "def f():\n    return 1 / 0")
    with pytest.raises(ZeroDivisionError) as caught:
        read.definitions[0].value()
    frame = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert frame.filename == f"{read.path}, cell 2"
    assert (frame.lineno, frame.line) == (2, "return 1 / 0")
    assert frame.filename in read.files


def test_the_source_of_a_cell_can_be_inspected(cells) -> None:
    read = cells("x = 1\n\n\n", "%%time\nclass A:\n    n = 1", "def f(): pass")
    a, f = (one.value for one in read.definitions)
    assert inspect.getsource(a).rstrip() == "class A:\n    n = 1"
    assert inspect.getsource(f).strip() == "def f(): pass"


def test_definitions_of_later_cells_are_seen_by_earlier_ones(cells) -> None:
    read = cells("def f(): return g()", "def g(): return 3", "f.extra = 1")
    assert read.definitions[0].value() == 3


def test_scripts_in_cells_do_not_run(cells) -> None:
    assert cells("net = Net()\nnet.fit()", "net.plot()", "class A: pass").notes == ()


def test_future_statements_hold_for_the_cells_after(cells) -> None:
    read = cells("from __future__ import annotations", "def f(x: Nowhere): pass")
    assert read.definitions[0].value.__annotations__ == {"x": "Nowhere"}


def test_a_notebook_imports_the_files_beside_it(module) -> None:
    text = notebook("from layer import Layer", "class A(Layer): pass")
    read = module(text, "net.ipynb", {"layer.py": "class Layer: n = 1"})
    assert read.definitions[0].value.n == 1


def test_an_old_format_is_converted_by_nbformat(module) -> None:
    pytest.importorskip("nbformat")
    cell = {"cell_type": "code", "input": "class A: pass", "language": "python", "outputs": []}
    text = json.dumps({"nbformat": 2, "metadata": {}, "worksheets": [{"cells": [cell]}]})
    assert module(text, "old.ipynb").definitions[0].name == "A"


def test_without_nbformat_the_extra_is_named(module, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "nbformat", None)
    with pytest.raises(SourceError, match=r"pip install 'gradcheck\[notebooks\]'"):
        module(json.dumps({"nbformat": 2, "worksheets": []}), "old.ipynb")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("class A: pass", "no JSON"),
        ("[1, 2]", "JSON without an nbformat"),
        ('{"cells": []}', "JSON without an nbformat"),
        ('{"nbformat": 4, "cells": [3]}', "not a notebook"),
        ('{"nbformat": 4, "cells": [{"cell_type": "code", "source": [3]}]}', "not a notebook"),
        ("[" * 100_000, "no JSON"),
        (notebook("x = = 1"), "none of its cells can be read\n  cell 1, line 1"),
        (notebook("x", metadata={"kernelspec": {"language": "R"}}), "a notebook in R"),
    ],
)
def test_what_is_no_python_notebook_is_told(module, text: str, expected: str) -> None:
    with pytest.raises(SourceError, match=expected):
        module(text, "net.ipynb")


def test_a_notebook_without_cells_has_no_definitions(cells) -> None:
    assert cells().definitions == ()
