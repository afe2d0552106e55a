"""Convention 11: objects with operators, ``.backward()`` and ``.grad``.

Each operator and method of such a class is a layer of its own: its operands are objects around the
inputs (:mod:`autodiff_operation`), and the result's gradient is the upstream gradient
(:mod:`autodiff_seeding`). Which methods are operations, and of how many operands, is read from
names (:mod:`autodiff_methods`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gradcheck.conventions.arguments import Call, Chosen, Lent, OfLayer, Several, Upstream
from gradcheck.conventions.autodiff_methods import Method, methods_of, stubs_of
from gradcheck.conventions.autodiff_operation import OneByOne, Operation, WholeBackward
from gradcheck.conventions.autodiff_seeding import gradient_argument
from gradcheck.conventions.autodiff_shapes import WAYS
from gradcheck.conventions.autodiff_values import works_on_arrays
from gradcheck.conventions.places import Place
from gradcheck.conventions.proposal import Proposal, Slot
from gradcheck.conventions.stubs import is_unfinished
from gradcheck.conventions.surface import (
    constructor_of,
    functions_in,
    method_of,
    parameters_of,
)
from gradcheck.signature import ArraySpec

NAME = "autodiff"
TITLE = "operation of an object with backward() and grad"

_USED = ("used", ("once", "twice"))
_SHAPES = ("shapes", WAYS)
_Form = tuple[tuple[str, ...], ...]


def propose(cls: type[Any]) -> Iterator[Proposal]:
    """Yield a proposal for each operation of a class, none where it is no autodiff object."""
    if not is_autodiff(cls) or is_unfinished(method_of(cls, "backward")):
        return
    arrays = works_on_arrays(cls)
    for method in methods_of(cls):
        if not _comes_from_another(cls, method.name):
            operation = Operation(cls, method.compute)
            run = operation if arrays else OneByOne(operation)
            forms = _forms(method) if arrays else ((("N",),) * method.count,)
            yield _proposal(cls, method, run, forms)
    if begins_itself(cls) and not _comes_from_another(cls, "backward"):
        backward = Method("backward", 1, _itself)
        yield _proposal(cls, backward, OneByOne(WholeBackward(cls)), ((("N",),),))


def _itself(options: Mapping[str, Any], a: Any) -> Any:
    return a


def unfinished_in(cls: type[Any]) -> Iterator[str]:
    """Yield the operations of a class that are still to be written, as ``Value.__mul__``."""
    if is_autodiff(cls):
        for name in (*stubs_of(cls), "backward"):
            if is_unfinished(method_of(cls, name)) and not _comes_from_another(cls, name):
                yield f"{cls.__name__}.{name}"


def line_of(cls: type[Any], symbol: str) -> int | None:
    """Return the line on which the method of a symbol begins, None for a property."""
    method = method_of(cls, symbol.rpartition(".")[2])
    return method.__code__.co_firstlineno if method is not None else None


def is_autodiff(cls: type[Any]) -> bool:
    """Return whether a class wraps a value, has operators, and a backward of its own."""
    backward = method_of(cls, "backward")
    if backward is None:
        return False
    required = [one for one in parameters_of(backward) if one.required]
    if len(required) > 1 or (required and gradient_argument(cls) is None):
        return False
    arguments = constructor_of(cls)
    if not arguments or sum(one.required for one in arguments) > 1:
        return False
    methods = set(functions_in(cls))
    return bool(methods & {"__add__", "__mul__"}) and not methods & {"forward", "__call__"}


def _comes_from_another(cls: type[Any], name: str) -> bool:
    """Return whether a method is inherited from a class that is an autodiff object itself."""
    return any(name in vars(base) and is_autodiff(base) for base in cls.__mro__[1:-1])


def _forms(method: Method) -> tuple[_Form, ...]:
    """Return the axes of the operands of an operation on tensors, the likeliest first."""
    if method.count == 1:
        return ((("N", "D"),), (("N", "T", "D"),), (("N", "C", "H", "V"),))
    return ((("N", "D"), ("D", "M") if method.multiplies_matrices else ("D",)),)


def _proposal(
    cls: type[Any], method: Method, run: Operation | OneByOne, forms: tuple[_Form, ...]
) -> Proposal:
    options = list(method.options)
    if method.name != "backward":
        options.append(_USED)
    if forms[0] == (("N", "D"), ("D",)):
        options.append(_SHAPES)
    state = OfLayer(Place(()))
    chosen = Several(
        tuple(name for name, _ in options),
        tuple(Chosen(name, values[0]) for name, values in options),
        dict,
    )
    return Proposal(
        NAME,
        f"{TITLE}: {cls.__name__}.{method.name}",
        f"{cls.__name__}.{method.name}",
        tuple(Slot(one, "data") for one in method.operands),
        (Call(run.forward, (state, chosen, *(Lent(one) for one in method.operands))),),
        (Call(run.backward, (state, Upstream("y"))),),
        ("y",),
        upstream_name="the gradient of the result",
        options=tuple(options),
        forms=tuple(_specs(method, form) for form in forms),
    )


def begins_itself(cls: type[Any]) -> bool:
    """Return whether ``backward()`` needs no upstream gradient."""
    argument = gradient_argument(cls)
    return argument is None or not argument.required


def _specs(method: Method, form: _Form) -> tuple[ArraySpec, ...]:
    return tuple(
        ArraySpec(name, axes, "input", method.domain(name))
        for name, axes in zip(method.operands, form, strict=True)
    )
