"""Methods that nobody has written yet: what tells a stub from a function that computes."""

from __future__ import annotations

import ast
from typing import Any

from gradcheck.conventions.surface import tree_of


def is_unfinished(function: Any) -> bool:
    """Return whether a function is a stub: no statement of its own, or none that computes.

    ``pass``, ``...``, ``raise NotImplementedError``, ``return None``, and returns of names that
    were only ever set to None, or never.
    """
    tree = tree_of(function)
    if not isinstance(tree, ast.FunctionDef):
        return False
    statements = [one for one in tree.body if not _is_text(one)]
    if _ends_unimplemented(statements):
        return True
    given = {one.arg for one in tree.args.args}
    empty: set[str] = set()
    keeps = False
    for one in statements:
        if isinstance(one, ast.Assign) and _writes_nothing(one):
            empty |= _set_to_none(one)
            keeps = keeps or not (_only_none(one.value) or _plain_targets(one))
        elif isinstance(one, ast.Return):
            return _returns_nothing(one, empty, given, statements)
        elif not isinstance(one, ast.Pass):
            return False
    return not keeps


def _returns_nothing(
    one: ast.Return, empty: set[str], given: set[str], statements: list[ast.stmt]
) -> bool:
    if one.value is None or _only_none(one.value):
        return True
    if statements == [one] and isinstance(one.value, ast.Attribute) and "out" in one.value.attr:
        return True  # ``return self.output``, which nothing has set
    named = [n.id for n in ast.walk(one.value) if isinstance(n, ast.Name)]
    if not all(isinstance(n, (ast.Name, ast.Tuple, ast.expr_context)) for n in ast.walk(one.value)):
        return False
    assigned = {
        n.id
        for s in statements
        for n in ast.walk(s)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    return bool(named) and all(n in empty or n not in assigned | given for n in named)


def _writes_nothing(one: ast.Assign) -> bool:
    """Whether an assignment computes nothing and changes no array."""
    changes = any(isinstance(target, ast.Subscript) for target in one.targets)
    return _computes_nothing(one.value) and not changes


def _ends_unimplemented(statements: list[ast.stmt]) -> bool:
    """Whether a function raises NotImplementedError before it returns anything."""
    for one in statements:
        if isinstance(one, ast.Return):
            return False
        if isinstance(one, ast.Raise):
            return "NotImpl" in ast.unparse(one)
    return False


def _plain_targets(one: ast.Assign) -> bool:
    """Whether an assignment gives names only, and keeps nothing on an object."""
    return all(isinstance(target, (ast.Name, ast.Tuple)) for target in one.targets)


def _set_to_none(one: ast.Assign) -> set[str]:
    """Return the names that an assignment sets to None, pair by pair (``dx, x = None, cache``)."""
    names: set[str] = set()
    for target in one.targets:
        pairs = [(target, one.value)]
        if isinstance(target, ast.Tuple) and isinstance(one.value, ast.Tuple):
            pairs = list(zip(target.elts, one.value.elts, strict=False))
        names |= {ast.unparse(t) for t, v in pairs if _only_none(v)}
    return names


def _computes_nothing(value: ast.expr) -> bool:
    plain = (ast.Name, ast.Constant, ast.Tuple, ast.Attribute, ast.expr_context)
    return all(isinstance(node, plain) for node in ast.walk(value))


def _only_none(value: ast.expr) -> bool:
    parts = value.elts if isinstance(value, ast.Tuple) else [value]
    return all(isinstance(one, ast.Constant) and one.value in (None, ...) for one in parts)


def _is_text(one: ast.stmt) -> bool:
    return isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
