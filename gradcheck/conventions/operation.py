"""Convention 10: operations with ``compute(*arrays)`` and ``gradient(out_grad, node)``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradcheck.conventions.arguments import Argument, Call, Memory, Upstream
from gradcheck.conventions.proposal import Proposal, bind_forward, output_names
from gradcheck.conventions.surface import method_of, parameters_of

NAME = "operation"
TITLE = "operation with compute(...) and gradient(out_grad, node)"


class Node:
    """The node of a computation graph that an operation made: its inputs and its value."""

    def __init__(self, inputs: list[Any], value: Any) -> None:
        self.inputs = inputs
        self.cached_data = value

    def realize_cached_data(self) -> Any:
        """Return the value."""
        return self.cached_data


class NodeOf:
    """The node of the last forward."""

    def __init__(self, names: tuple[str, ...], output: str) -> None:
        self.names, self.output = names, output

    def value(self, memory: Memory) -> Any:
        """Return it."""
        return Node([memory.arrays[name] for name in self.names], memory.outputs[self.output])


def propose(cls: type[Any]) -> Iterator[Proposal]:
    """Yield the way in which a class may be one of this convention."""
    compute, gradient = method_of(cls, "compute"), method_of(cls, "gradient")
    if compute is None or gradient is None or len(parameters_of(gradient)) != 2:
        return
    bound = bind_forward(parameters_of(compute), loss=False)
    if bound is None:
        return
    slots, arguments = bound
    outputs = output_names(slots, 1)
    node = NodeOf(tuple(slot.name for slot in slots), outputs[0])
    leaving: tuple[Argument, ...] = (Upstream(outputs[0]), node)
    yield Proposal(
        NAME,
        TITLE,
        cls.__name__,
        slots,
        (Call("compute", arguments),),
        (Call("gradient", leaving),),
        outputs,
        cls,
        upstream_name=parameters_of(gradient)[0].name,
    )
