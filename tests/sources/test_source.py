"""The room as a whole: what it exports, what it may know."""

from __future__ import annotations

import ast
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import gradcheck.sources

FILES = sorted(Path(gradcheck.sources.__file__).parent.glob("*.py"))


def test_public_names_exist_and_others_do_not() -> None:
    for name in gradcheck.sources.__all__:
        assert getattr(gradcheck.sources, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'read_sauce'"):
        _ = gradcheck.sources.read_sauce


def test_importing_the_room_is_cheap() -> None:
    code = "import sys, gradcheck.sources; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "nbformat", "zipfile", "json", "gradcheck.sources.target"} & set(
        done.stdout.split()
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_room_knows_nothing_of_ours_but_errors(path: Path) -> None:
    ours = {
        node.module
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("gradcheck")
    }
    assert all(one == "gradcheck.errors" or one.startswith("gradcheck.sources.") for one in ours)


def test_objects_of_a_hand_in_can_be_pickled_until_it_is_closed(module) -> None:
    layer = module("class A:\n    n = 1\n").definitions[0].value()
    layer.m = 2
    assert pickle.loads(pickle.dumps(layer)).m == 2


def test_closing_twice_is_once(hand_in, source) -> None:
    before = set(sys.modules)
    read = source(hand_in({"a.py": "class A: pass"}))
    assert set(sys.modules) > before
    read.close()
    read.close()
    assert set(sys.modules) == before
