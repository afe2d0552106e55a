"""What can be seen of a class or function without calling it: names, arguments, its text."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

_EMPTY = inspect.Parameter.empty
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class Parameter:
    """One argument of a function; ``many`` stands for ``*args``."""

    name: str
    required: bool
    default: Any = None
    annotation: str = ""
    many: bool = False


def parameters_of(function: Any, *, bound: bool = True) -> tuple[Parameter, ...]:
    """Return the positional arguments of a function, without ``self`` where it is a method."""
    function = undecorated(function)
    try:
        found = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return ()
    if bound and found:
        found = found[1:]
    told = []
    for one in found:
        many = one.kind is inspect.Parameter.VAR_POSITIONAL
        keyword = one.kind is inspect.Parameter.KEYWORD_ONLY and one.default is _EMPTY
        if one.kind in _POSITIONAL or many or keyword:
            required = one.default is _EMPTY and not many
            default = None if one.default is _EMPTY else one.default
            told.append(Parameter(one.name, required, default, _text(one.annotation), many))
    return tuple(told)


def undecorated(function: Any) -> Any:
    """Return the function behind a decorator that hides its arguments (no ``functools.wraps``)."""
    code = getattr(function, "__code__", None)
    if code is None or code.co_argcount > 0 or not code.co_flags & inspect.CO_VARARGS:
        return function
    cells = (cell.cell_contents for cell in function.__closure__ or ())
    inner = [one for one in cells if inspect.isfunction(one)]
    return undecorated(inner[0]) if len(inner) == 1 else function


def constructor_of(cls: type[Any]) -> tuple[Parameter, ...]:
    """Return the arguments of a class's constructor, without ``*args``."""
    if cls.__init__ is object.__init__:
        return ()
    return tuple(one for one in parameters_of(cls.__init__) if not one.many)


def method_of(cls: type[Any], name: str) -> Callable[..., Any] | None:
    """Return a method by name, None where the class has none of its own making."""
    found = inspect.getattr_static(cls, name, None)
    if isinstance(found, (staticmethod, classmethod)):
        found = found.__func__
    return found if inspect.isfunction(found) else None


def is_static(cls: type[Any], name: str) -> bool:
    """Return whether a method is static."""
    return isinstance(inspect.getattr_static(cls, name, None), staticmethod)


@cache
def tree_of(function: Any) -> ast.FunctionDef | ast.ClassDef | None:
    """Return the syntax tree of a function or class, None where its text is not to be had."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError, IndexError):
        return None
    first = tree.body[0] if tree.body else None
    return first if isinstance(first, (ast.FunctionDef, ast.ClassDef)) else None


def dictionary_keys(function: Any, argument: str, depth: int = 3) -> dict[str, Any]:
    """Return the keys that a function reads from one of its arguments, with their defaults.

    ``p["stride"]`` and ``p.get("eps", 1e-5)``; a key without a default has the value ``...``. What
    the functions read that are handed the argument counts too.
    """
    tree = tree_of(function)
    found: dict[str, Any] = {}
    for callee, name in _handed_to(function, argument) if depth else ():
        found |= dictionary_keys(callee, name, depth - 1)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Subscript) and _is_name(node.value, argument):
            if isinstance(node.ctx, ast.Load) and _is_word(node.slice):
                found.setdefault(ast.literal_eval(node.slice), ...)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            reads = node.func.attr in ("get", "setdefault") and _is_name(node.func.value, argument)
            if reads and node.args and isinstance(node.args[0], ast.Constant):
                default = node.args[1] if len(node.args) > 1 else None
                found[str(node.args[0].value)] = _literal(default)
    return found


def _handed_to(function: Any, argument: str) -> Iterator[tuple[Any, str]]:
    """Yield the functions that are handed an argument, with the name that they have for it."""
    tree = tree_of(function)
    for node in ast.walk(tree) if tree else ():
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        callee = getattr(function, "__globals__", {}).get(node.func.id)
        if not inspect.isfunction(callee) or callee is function:
            continue
        own = [one.name for one in parameters_of(callee, bound=False)]
        for position, given in enumerate(node.args):
            if _is_name(given, argument) and position < len(own):
                yield callee, own[position]


def compared_words(function: Any, name: str) -> list[str]:
    """Return the string constants that a function compares an argument or attribute with."""
    tree = tree_of(function)
    words: list[str] = []
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(_is_name(one, name) or _is_attribute(one, name) for one in sides):
                constants = (c for one in sides for c in ast.walk(one) if _is_word(c))
                words += [str(ast.literal_eval(c)) for c in constants]
    return list(dict.fromkeys(words))


def looked_up_words(function: Any, argument: str) -> list[str]:
    """Return the keys of a dict of the module in which a function looks its argument up."""
    tree = tree_of(function)
    for node in ast.walk(tree) if tree else ():
        looks = isinstance(node, ast.Subscript) and _is_name(node.slice, argument)
        if looks and isinstance(table_name := getattr(node, "value", None), ast.Name):
            table = getattr(function, "__globals__", {}).get(table_name.id)
            if isinstance(table, dict):
                return [key for key in table if isinstance(key, str)]
    return []


def returned_counts(function: Any) -> set[int]:
    """Return how many values a function returns, for each of its returns."""
    tree = tree_of(function)
    found = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return)] if tree else []
    return {len(one.elts) if isinstance(one, ast.Tuple) else 1 for one in found if one is not None}


def goes_through(function: Any, argument: str) -> bool:
    """Return whether a function goes through an argument as through a list of arrays."""
    tree = tree_of(function)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, (ast.For, ast.comprehension)):
            named = (one for one in ast.walk(node.iter) if isinstance(one, ast.Name))
            if any(one.id == argument for one in named):
                return True
        elif isinstance(node, ast.Subscript) and _is_name(node.value, argument):
            return isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int)
    return False


def returned_names(function: Any) -> list[str]:
    """Return the names that the last return statement of a function lists."""
    tree = tree_of(function)
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Return)] if tree else []
    value = found[-1].value if found else None
    parts = value.elts if isinstance(value, (ast.Tuple, ast.List)) else []
    return [one.id if isinstance(one, ast.Name) else "" for one in parts]


def calls_method(function: Any, name: str) -> bool:
    """Return whether a function calls a method ``name`` of anything."""
    tree = tree_of(function)
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == name
        for node in (ast.walk(tree) if tree else ())
    )


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _is_attribute(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name


def _is_word(node: Any) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _literal(node: ast.expr | None) -> Any:
    try:
        return ast.literal_eval(node) if node is not None else None
    except (ValueError, TypeError):
        return None


def _text(annotation: Any) -> str:
    if annotation is _EMPTY:
        return ""
    return (
        annotation
        if isinstance(annotation, str)
        else getattr(annotation, "__name__", str(annotation))
    )


def functions_in(namespace: Any) -> Iterator[str]:
    """Yield the names of the methods of a class, inherited ones included."""
    for name in dir(namespace):
        if method_of(namespace, name) is not None:
            yield name
