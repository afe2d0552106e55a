"""Convention 13: functions that are called with variables and work on the arrays inside them.

The base class has a ``__call__`` that takes the arrays out of ``Variable`` objects, calls
``forward`` with them and keeps the variables as ``self.input`` or ``self.inputs``, where
``backward`` looks for them. So the object itself is called here, as its framework does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradcheck.conventions.arguments import Call, Memory
from gradcheck.conventions.methods import first_pair, propose_methods
from gradcheck.conventions.proposal import Proposal
from gradcheck.conventions.surface import method_of, tree_of
from gradcheck.conventions.variable_function_operators import give_operators

NAME = "variable-function"
TITLE = "function object called with variables, forward(x) and backward(gy)"

_KEPT = "_gradcheck_variables"


@dataclass(frozen=True)
class CallWithVariables(Call):
    """The object itself called with variables around the arrays; gives the arrays inside."""

    variable: type[Any] = object

    def run(self, layer: Any, memory: Memory) -> Any:
        """Call the object and return what its variables hold."""
        memory.layer = layer
        give_operators(self.variable)
        given = [self.variable(np.asarray(one.value(memory))) for one in self.arguments]
        returned = layer(*given)
        # Many a Function has only weak references to its outputs: whoever called it has them.
        vars(layer)[_KEPT] = returned
        return contents(self.variable, returned)


@dataclass(frozen=True)
class BackwardOfVariables(Call):
    """A method that is given arrays, or variables around them, and returns either."""

    variable: type[Any] = object
    wraps: bool = False

    def run(self, layer: Any, memory: Memory) -> Any:
        """Call the method and return the arrays of what it returned."""
        memory.layer = layer
        values = [np.asarray(one.value(memory)) for one in self.arguments]
        given = [self.variable(one) for one in values] if self.wraps else values
        return contents(self.variable, getattr(layer, str(self.target))(*given))


def propose(cls: type[Any]) -> Iterator[Proposal]:
    """Yield the ways in which a class may be one of this convention."""
    if first_pair(cls, (("forward", "backward"),)) is None:
        return
    variable = variable_class(cls)
    if variable is None:
        return
    ways = (True, False) if _makes_its_own(variable) else (False, True)
    for one in propose_methods(cls, ("forward", "backward"), NAME, TITLE):
        forward = tuple(CallWithVariables(c.target, c.arguments, variable) for c in one.forward)
        for wraps in ways:
            backward = tuple(
                BackwardOfVariables(c.target, c.arguments, variable, wraps) for c in one.backward
            )
            yield replace(one, forward=forward, backward=backward)


def variable_class(cls: type[Any]) -> type[Any] | None:
    """Return the class of the variables with which objects of ``cls`` are called, or None."""
    call = method_of(cls, "__call__")
    tree = tree_of(call)
    if call is None or not isinstance(tree, ast.FunctionDef) or not _unwraps(tree):
        return None
    around = getattr(call, "__globals__", {})
    used = [one.id for one in ast.walk(tree) if isinstance(one, ast.Name)]
    known = [around[name] for name in dict.fromkeys((*used, *around)) if name in around]
    found = [one for one in known if isinstance(one, type) and _holds_data(one)]
    return next((one for one in found if not issubclass(one, cls)), None)


def contents(variable: type[Any], thing: Any) -> Any:
    """Return the array inside a variable, a tuple of arrays for several variables."""
    if isinstance(thing, variable):
        return contents(variable, getattr(thing, "data", None))
    if isinstance(thing, (tuple, list)):
        return tuple(contents(variable, one) for one in thing)
    return thing


def _unwraps(call: ast.FunctionDef) -> bool:
    """Whether a ``__call__`` takes arrays out of its arguments, hands them on, and keeps those."""
    own = call.args.args[0].arg if call.args.args else "self"
    attributes = [one for one in ast.walk(call) if isinstance(one, ast.Attribute)]
    of_self = [one for one in attributes if isinstance(one.value, ast.Name) and one.value.id == own]
    forward = any(one.attr == "forward" for one in of_self)
    kept = any(_is_stored(one) and one.attr in ("input", "inputs") for one in of_self)
    return forward and kept and any(one.attr == "data" for one in attributes)


def _makes_its_own(variable: type[Any]) -> bool:
    """Whether ``backward`` of the variables begins with a variable, and not with an array.

    Then that is what functions are given: ``gy /= n`` writes into an array, and not into it.
    """
    tree = tree_of(method_of(variable, "backward"))
    calls = [one.func for one in ast.walk(tree) if isinstance(one, ast.Call)] if tree else []
    made = (variable.__name__, "as_variable")
    return any(isinstance(one, ast.Name) and one.id in made for one in calls)


def _holds_data(cls: type[Any]) -> bool:
    """Whether the constructor of a class takes a value and sets ``self.data``."""
    tree = tree_of(method_of(cls, "__init__"))
    if not isinstance(tree, ast.FunctionDef) or len(tree.args.args) < 2:
        return False
    attributes = (one for one in ast.walk(tree) if isinstance(one, ast.Attribute))
    return any(one.attr == "data" and _is_stored(one) for one in attributes)


def _is_stored(one: ast.Attribute) -> bool:
    return isinstance(one.ctx, ast.Store)
