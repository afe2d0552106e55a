"""How the upstream gradient gets into a graph whose ``backward()`` begins with ones.

While backward runs, the gradient of the result *is* the upstream gradient, whatever backward sets
it to. So no operation of the class has to be right, but for the one that is looked at; the class
may sort its graph, recurse, or call closures as it likes.
"""

from __future__ import annotations

import contextlib
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from gradcheck.conventions import vocabulary as names
from gradcheck.conventions.autodiff_values import (
    VALUES,
    gradient_attributes,
    value_of,
    works_on_arrays,
    wrapped,
)
from gradcheck.conventions.surface import Parameter, method_of, parameters_of


@dataclass
class Graph:
    """The operands of an operation and its result."""

    operands: list[Any]
    result: Any

    @property
    def root(self) -> Any:
        """The object whose backward is called."""
        several = isinstance(self.result, (tuple, list))
        return self.result[0] if several and self.result else self.result


def gradient_argument(cls: type[Any]) -> Parameter | None:
    """Return the argument of ``backward`` that is the upstream gradient, None without one."""
    found: Any = method_of(cls, "backward")
    return _upstream_in(found)


@cache
def _upstream_in(backward: Any) -> Parameter | None:
    arguments = parameters_of(backward)
    first = arguments[0] if arguments else None
    return first if first is not None and names.is_upstream(first.name) else None


def run_backward(cls: type[Any], build: Callable[[], Graph], graph: Graph, upstream: Any) -> Graph:
    """Run backward with an upstream gradient and return the graph in which it ran.

    ``build`` makes the graph anew, where a first way of seeding turns out not to work.
    """
    argument = gradient_argument(cls)
    if argument is not None:
        return _passed(cls, argument, build, graph, upstream)
    try:
        if _held(graph.root, upstream):
            return graph
    except Exception:  # as where backward refuses all but a single number
        again = build()
        with contextlib.suppress(Exception):
            if _multiplied(cls, again.root, upstream):
                return again
        raise
    again = build()
    return again if _multiplied(cls, again.root, upstream) else graph


def _passed(
    cls: type[Any], argument: Parameter, build: Callable[[], Graph], graph: Graph, upstream: Any
) -> Graph:
    """Hand the upstream gradient to backward, as an array or as an object of the class."""
    ways = [_array, _object]
    first, second = ways[::-1] if _wants_object(cls, argument) else ways
    try:
        graph.root.backward(first(cls, upstream))
        return graph
    except (AttributeError, TypeError):
        other = build()
        with contextlib.suppress(Exception):
            other.root.backward(second(cls, upstream))
            return other
        raise  # the first way is the likelier, so its error is told


def _array(cls: type[Any], upstream: Any) -> Any:
    return np.array(upstream) if works_on_arrays(cls) else float(upstream)


def _object(cls: type[Any], upstream: Any) -> Any:
    return wrapped(cls, upstream, tracked=False)


def _wants_object(cls: type[Any], argument: Parameter) -> bool:
    if cls.__name__ in argument.annotation:
        return True
    try:
        text = inspect.getsource(cls.backward)
    except (OSError, TypeError):
        return False
    inner = "|".join(VALUES)
    return re.search(rf"\b{argument.name}\.({inner})\b", text) is not None


def _held(root: Any, upstream: Any) -> bool:
    """Run backward with the gradient of ``root`` held; return whether that had any effect."""
    seed = _Seed(root, upstream)
    cls = type(root)
    found = gradient_attributes(root) or ["grad"]
    attributes = {name: seed.attribute(name) for name in found}
    try:
        make: Any = type(cls)
        root.__class__ = make(cls.__name__, (cls,), {"__slots__": (), **attributes})
    except TypeError:  # another layout, a metaclass with arguments of its own
        return False
    try:
        root.backward()
    finally:
        root.__class__ = cls
    return seed.was_read


class _Seed:
    """Stands in for the gradient of one object, in the type that backward itself gives to it."""

    def __init__(self, root: Any, upstream: Any) -> None:
        self.root, self.upstream = root, upstream
        self.cls = type(root)
        self.like: Any = None
        self.was_read = False

    def attribute(self, name: str) -> property:
        """Return the attribute that answers for ``name``, for other objects as ever."""
        usual = inspect.getattr_static(self.cls, name, None)
        slot = usual if hasattr(usual, "__set__") else None
        self.like = self.like if self.like is not None else getattr(self.root, name, None)

        def get(one: Any) -> Any:
            if one is self.root:
                return self._answer()
            return slot.__get__(one) if slot else vars(one).get(name, usual)

        def set_(one: Any, value: Any) -> None:
            if one is self.root:
                self.like = value if value is not None else self.like
            elif slot:
                slot.__set__(one, value)
            else:
                vars(one)[name] = value

        return property(get, set_)

    def _answer(self) -> Any:
        """Return a copy, so that nothing written into it lasts; None until something was set."""
        if self.like is None:
            return None
        self.was_read = True
        if isinstance(self.like, self.cls):
            return wrapped(self.cls, _shaped(self.upstream, value_of(self.like)), tracked=False)
        return _shaped(self.upstream, self.like)


def _shaped(upstream: Any, like: Any) -> Any:
    """Return the upstream gradient as a number, or as an array of the dtype that is usual there."""
    if not isinstance(like, np.ndarray):
        return float(upstream) if np.ndim(upstream) == 0 else np.array(upstream)
    kind = like.dtype if like.dtype.kind == "f" else np.dtype(np.float64)
    array = np.array(upstream, dtype=kind)
    return array.reshape(like.shape) if array.size == like.size else array


def _multiplied(cls: type[Any], root: Any, upstream: Any) -> bool:
    """Let the class itself multiply by the upstream gradient and add up, where nothing else works.

    Return whether it could.
    """
    if not hasattr(root, "__mul__"):
        return False
    weighted = root * wrapped(cls, upstream, tracked=False)
    if np.ndim(value_of(weighted)) and hasattr(weighted, "sum"):
        weighted = weighted.sum()
    weighted.backward()
    return True
