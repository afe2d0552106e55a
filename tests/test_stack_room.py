"""Calls below have room on the stack, at whatever depth they are."""

from __future__ import annotations

import sys

import pytest

from gradcheck.stack_room import with_room


def test_the_answer_comes_back_and_so_does_an_exception() -> None:
    assert with_room(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        with_room(lambda: 1 / 0)


def test_recursion_below_is_as_deep_as_ever() -> None:
    def depth(left: int) -> int:
        return 0 if not left else 1 + depth(left - 1)

    deep = sys.getrecursionlimit() // 2
    assert with_room(lambda: depth(deep)) == deep
