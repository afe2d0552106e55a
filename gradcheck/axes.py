"""Arithmetic on named axes: terms such as ``(H+2*pad-K)//stride+1``, and comparisons of them."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from gradcheck.errors import SignatureError

Axes = Mapping[str, int]

_COMPARISON = re.compile(r"(?P<left>.+?)\s*(?P<sign><=|>=|==|!=|<|>)\s*(?P<right>.+)")
_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}


def axis_size(term: str, axes: Axes) -> int:
    """Return the size of an axis term.

    Raises
    ------
    SignatureError
        A name in the term has no size yet.
    """
    if term in axes:  # a plain name, as most terms are
        return axes[term]
    return _evaluate(_expression(term), term, axes)


def satisfied(constraint: str, axes: Axes) -> bool:
    """Return whether a comparison of axis terms such as ``"H+2*pad >= K"`` holds.

    Raises
    ------
    SignatureError
        It is no comparison of two axis terms, or a name has no size.
    """
    left, sign, right = _sides(constraint)
    return _COMPARISONS[sign](axis_size(left, axes), axis_size(right, axes))


@cache
def _sides(constraint: str) -> tuple[str, str, str]:
    """Return the left term of a comparison, its sign and its right term."""
    match = _COMPARISON.fullmatch(constraint.strip())
    if not match:
        raise SignatureError(f"a constraint compares two axes, as in 'H >= K'; got {constraint!r}")
    return match["left"], match["sign"], match["right"]


def greater_side(constraint: str) -> str:
    """Return the term that must be the greater one, empty where neither must."""
    match = _COMPARISON.fullmatch(constraint.strip())
    sides = {">": "left", ">=": "left", "<": "right", "<=": "right"}
    return match[sides[match["sign"]]] if match and match["sign"] in sides else ""


def check_term(term: str) -> None:
    """Raise SignatureError where ``term`` is no axis."""
    _expression(term)


@cache
def _expression(term: str) -> ast.expr:
    """Return the syntax of an axis term: names, whole numbers, and + - * // of them."""
    try:
        expression = ast.parse(term, mode="eval").body
        legal = all(_is_legal(node) for node in ast.walk(expression))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise SignatureError(f"cannot read the axis {term[:60]!r}") from None
    if not legal:
        raise SignatureError(f"an axis is a name, a number, or + - * // of them; got {term!r}")
    return expression


def _is_legal(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return type(node.value) is int
    return isinstance(node, (ast.Name, ast.BinOp, ast.Load, *_ARITHMETIC))


def names_of(term: str) -> list[str]:
    """Return the names in an axis term or a comparison of two, in order of appearance."""
    return re.findall(r"[^\W\d]\w*", term)


def _evaluate(node: Any, term: str, axes: Axes) -> int:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.Name):
        if node.id not in axes:
            raise SignatureError(f"axis {node.id} in {term!r} has no size")
        return axes[node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        left, right = (_evaluate(side, term, axes) for side in (node.left, node.right))
        if right == 0 and isinstance(node.op, ast.FloorDiv):
            raise SignatureError(f"the axis {term!r} divides by zero")
        return _ARITHMETIC[type(node.op)](left, right)
    raise SignatureError(f"an axis is a name, a number, or + - * // of them; got {term!r}")
