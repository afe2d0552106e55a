"""The operators of variables, where a function of their module is what gives them to the class.

``def setup_variable(): Variable.__add__ = add; ...`` is called at the top level of a package, and
of files that are not ours only definitions run.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from gradcheck.conventions.surface import method_of, parameters_of, tree_of


def give_operators(variable: type[Any]) -> None:
    """Let the module of a class of variables define its operators, unless that is done."""
    found: Any = variable
    _give(found)


@cache
def _give(variable: Any) -> None:
    around: Mapping[str, Any] = getattr(method_of(variable, "__init__"), "__globals__", {})
    for one in list(around.values()):
        named = _attributes_given(one, variable.__name__) if inspect.isfunction(one) else []
        if named and not all(hasattr(variable, name) for name in named):
            with contextlib.suppress(Exception):  # operators that came first are there
                one()


def _attributes_given(function: Callable[..., Any], name: str) -> list[str]:
    """Return the attributes of a class that a function sets, none if it does anything else."""
    tree = tree_of(function)
    if not isinstance(tree, ast.FunctionDef) or parameters_of(function, bound=False):
        return []
    given = []
    for one in tree.body:
        if isinstance(one, ast.Assign) and all(_is_of(target, name) for target in one.targets):
            given += [one.attr for one in one.targets if isinstance(one, ast.Attribute)]
        elif not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)):
            return []
    return given


def _is_of(target: ast.expr, name: str) -> bool:
    """Whether a target of an assignment is an attribute of the class of that name."""
    return (
        isinstance(target, ast.Attribute)
        and isinstance(target.value, ast.Name)
        and target.value.id == name
    )
