"""Convention 10: operations with ``compute(*arrays)`` and ``gradient(out_grad, node)``.

Called first with arrays and a node that is one itself; where that does not do, with the tensors of
the operation's own framework.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.conventions import vocabulary as names
from gradcheck.conventions.arguments import Argument, Call, Memory, Upstream
from gradcheck.conventions.proposal import Proposal, bind_forward, output_names
from gradcheck.conventions.surface import (
    Parameter,
    constructor_of,
    method_of,
    parameters_of,
)
from gradcheck.subject import Array

NAME = "operation"
TITLE = "operation with compute(...) and gradient(out_grad, node)"

_KEPT = "_gradcheck_node"


class Node(np.ndarray[Any, Any]):
    """The node of a computation graph that an operation made: its value, and its inputs.

    It is the array of its value, as the nodes of frameworks compute like their values.
    """

    op: Any = None
    inputs: tuple[Any, ...] = ()

    @property
    def cached_data(self) -> Array:
        """The value."""
        return self.view(np.ndarray)

    def realize_cached_data(self) -> Array:
        """Return the value."""
        return self.view(np.ndarray)

    numpy = realize_cached_data


@dataclass(frozen=True)
class NodeOf:
    """The node of the last forward."""

    names: tuple[str, ...]
    output: str

    def value(self, memory: Memory) -> Any:
        """Return it."""
        node = np.asarray(memory.outputs[self.output]).view(Node)
        node.op = memory.layer
        node.inputs = tuple(np.asarray(memory.arrays[name]).view(Node) for name in self.names)
        return node


@dataclass(frozen=True)
class CallWithTensors(Call):
    """An operation applied to tensors of its framework; gives the array of the tensor it makes."""

    tensor: type[Any] = object

    def run(self, layer: Any, memory: Memory) -> Any:
        """Apply the operation and keep the node that it made, for its gradient."""
        memory.layer = layer
        tensors = [tensor_around(self.tensor, one.value(memory)) for one in self.arguments]
        if method_of(type(layer), "__call__") is not None:
            node = layer(*tensors)
        else:
            node = self.tensor.make_from_op(layer, tensors)
        vars(layer)[_KEPT] = node
        return array_of(node)


@dataclass(frozen=True)
class GradientWithTensors(Call):
    """The gradient of an operation, given a tensor and the node that forward made."""

    tensor: type[Any] = object

    def run(self, layer: Any, memory: Memory) -> Any:
        """Call it and return the arrays of what it returned."""
        memory.layer = layer
        upstream = tensor_around(self.tensor, self.arguments[0].value(memory))
        return array_of(layer.gradient(upstream, vars(layer)[_KEPT]))


def propose(cls: type[Any]) -> Iterator[Proposal]:
    """Yield the ways in which a class may be one of this convention."""
    compute, gradient = method_of(cls, "compute"), method_of(cls, "gradient")
    if compute is None or gradient is None or len(parameters_of(gradient)) != 2:
        return
    if any("Tuple" in base.__name__ for base in cls.__mro__):
        return  # packs tensors into a tuple of the framework or takes them out: no arrays
    bound = bind_forward(parameters_of(compute), loss=False)
    if bound is None:
        return
    slots, arguments = bound
    outputs = output_names(slots, 1)
    node = NodeOf(tuple(slot.name for slot in slots), outputs[0])
    leaving: tuple[Argument, ...] = (Upstream(outputs[0]), node)
    ways = [(Call("compute", arguments), Call("gradient", leaving))]
    tensor = tensor_class(cls)
    if tensor is not None and not any(map(_is_collection, parameters_of(compute))):
        there = CallWithTensors("compute", arguments, tensor)
        ways.append((there, GradientWithTensors("gradient", leaving, tensor)))
    for forward, backward in ways:
        yield Proposal(
            NAME,
            TITLE,
            cls.__name__,
            slots,
            (forward,),
            (backward,),
            outputs,
            cls,
            upstream_name=parameters_of(gradient)[0].name,
        )


def tensor_class(cls: type[Any]) -> type[Any] | None:
    """Return the class of the tensors that an operation is applied to, None where none is seen."""
    around = dict(getattr(method_of(cls, "gradient"), "__globals__", {}))
    for base in cls.__mro__[:-1]:
        around |= {
            name: one
            for name, one in vars(sys.modules.get(base.__module__, base)).items()
            if name not in around
        }
    found = [one for one in around.values() if isinstance(one, type) and _is_tensor(one, cls)]
    named = [one for one in found if one.__name__ == "Tensor"]
    return next(iter(named + found), None)


def tensor_around(tensor: type[Any], array: Any) -> Any:
    """Return a tensor that holds the values of an array, so that a graph is built from it."""
    return tensor(np.asarray(array))


def array_of(thing: Any) -> Any:
    """Return the array inside a tensor, a tuple of arrays for several tensors."""
    if isinstance(thing, (tuple, list)):
        return tuple(array_of(one) for one in thing)
    if thing is None or isinstance(thing, (np.ndarray, np.generic, int, float)):
        return thing
    for name in ("numpy", "realize_cached_data"):
        if callable(inner := getattr(thing, name, None)):
            return array_of(inner())
    inner = getattr(thing, "data", None)
    return inner if isinstance(inner, np.ndarray) else thing


def _is_collection(one: Parameter) -> bool:
    """Whether an argument is several tensors in one: going through a single one may never end."""
    several = ("Tuple", "tuple", "List", "list", "Sequence")
    named = names.plain(one.name) in ("args", "arrays", "tensors", "inputs", "xs")
    return (named and not one.many) or any(word in one.annotation for word in several)


def _is_tensor(one: type[Any], cls: type[Any]) -> bool:
    """Whether a class wraps an array in its constructor and hands it out again."""
    if one is cls or issubclass(one, np.ndarray) or issubclass(cls, one):
        return False
    required = [argument for argument in constructor_of(one) if argument.required]
    makes = any(method_of(one, name) for name in ("make_from_op", "make_const", "from_numpy"))
    tells = any(method_of(one, name) for name in ("realize_cached_data", "numpy"))
    return len(required) == 1 and makes and tells
