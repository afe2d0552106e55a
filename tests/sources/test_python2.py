"""Python 2 files are read as far as they differ by statements, every line at its number."""

from __future__ import annotations

import inspect
import json

import pytest

from gradcheck.errors import SourceError
from gradcheck.sources.text import parse

NOTE = "written for Python 2"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("print 'dx_flat: ', x.shape", "print('dx_flat: ', x.shape)"),
        ('print "%d" % x', 'print("%d" % x)'),
        ("print x,", "print(x)"),
        ("print x  # it's x", "print(x)# it's x"),
        ("if x: print 'a'; y = 1", "if x: print('a'); y = 1"),
        ("print 'a; b', (1,\n  # )\n  2), x", "print('a; b', (1,\n  # )\n  2), x)"),
        ("print >>f, 'a', x\nprint 'b'", None),
        ("print -x\nprint 'b'", None),
        ("try: pass\nexcept (A, B), e: pass", "try: pass\nexcept (A, B) as e: pass"),
        ("raise E, 'a, b'", "raise E('a, b')"),
        ("raise E, 'note: print it'", "raise E('note: print it')"),
        ("exec 'x = 1'", "exec('x = 1')"),
        ("x = `y`", "x = repr(y)"),
        ("x = 0777 + 10L", "x = 0o777 + 10"),
        ("x = a <> b", "x = a != b"),
        ("x = ur'a'", "x = r'a'"),
    ],
)
def test_a_statement_is_rewritten_in_its_place(old: str, new: str | None) -> None:
    passage = parse(old, "a.py")
    assert passage.is_old
    assert passage.text.count("\n") == old.count("\n")
    assert new is None or passage.text == new


def test_a_text_that_python_3_reads_stays_as_it_is() -> None:
    text = '"""print it\nprint \'a\'"""\nprint("a"), b\nd.iteritems()\n'
    passage = parse(text, "a.py")
    assert passage.text == text
    assert not passage.is_old


def test_definitions_of_an_old_file_run_and_the_note_tells(module) -> None:
    text = "def f(d):\n    print 'f'\n    return sum(i for i in xrange(3)) + len(d.iteritems())\n"
    read = module(text)
    (definition,) = read.definitions
    assert definition.value({1: 2}) == 4
    assert definition.line == 1
    assert NOTE in read.notes[0]
    assert "print('f')" in inspect.getsource(definition.value)


def test_what_only_python_2_would_run_does_nothing(module) -> None:
    read = module(
        "import sys\ndef f(x):\n  print >>sys.stderr, x\n  print -x\n  print 'a'\n  return x\n"
    )
    assert read.definitions[0].value(3) == 3


def test_tabs_are_eight_columns_in_an_old_file_only(module) -> None:
    text = "def f(x):\n        if x:\n\t    x = 2\n        print 'a'\n\treturn x\n"
    assert module(text).definitions[0].value(1) == 2
    with pytest.raises(SourceError, match="TabError"):
        module(text.replace("print 'a'", "pass"), "new.py")


def test_old_names_are_not_known_to_a_file_of_today(module) -> None:
    read = module("def f():\n    return list(xrange(3))\n")
    assert not read.notes
    with pytest.raises(NameError):
        read.definitions[0].value()


@pytest.mark.parametrize("bridge", ["past.builtins", "six.moves"])
def test_a_bridge_between_both_needs_no_package(module, bridge: str) -> None:
    read = module(f"from {bridge} import xrange, range\ndef f():\n    return list(xrange(3))\n")
    assert read.definitions[0].value() == [0, 1, 2]


def test_a_cell_of_an_old_notebook_is_read(module) -> None:
    sources = ["%matplotlib inline\nprint 'a'", "def f(x):\n    print x\n    return xrange(x)"]
    cells = [{"cell_type": "code", "source": one} for one in sources]
    read = module(json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}), "old.ipynb")
    assert list(read.definitions[0].value(2)) == [0, 1]
    assert sum(NOTE in one for one in read.notes) == 1
