"""What is passed to a layer: calls are lists of arguments that say what they stand for.

So one runner serves methods, function pairs, static methods and operation objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from gradcheck.conventions.places import Place
from gradcheck.subject import Array


@dataclass
class Memory:
    """What one live layer has seen: the arrays lent to it, what it returned, what comes back."""

    arrays: dict[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    returned: Any = None
    outputs: dict[str, Any] = field(default_factory=dict)
    upstream: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Array] = field(default_factory=dict)
    answers: list[Any] = field(default_factory=list)
    layer: Any = None


class Argument(Protocol):
    """What is passed at one place of a call."""

    def value(self, memory: Memory) -> Any:
        """Return the value to pass."""


@dataclass(frozen=True)
class Lent:
    """One of the named arrays."""

    name: str

    def value(self, memory: Memory) -> Any:
        """Return the array that was lent, a scalar for a 0-d one."""
        return lend(memory.arrays[self.name])


@dataclass(frozen=True)
class Softmaxed:
    """The softmax of an array: what a loss is given whose gradient is taken before a softmax."""

    name: str

    def value(self, memory: Memory) -> Any:
        """Return the softmax over the last axis."""
        x = memory.arrays[self.name]
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)


@dataclass(frozen=True)
class Several:
    """Several arguments in one list, tuple or dict (``forward([a, b])``, ``f(x, parameters)``)."""

    names: tuple[str, ...]
    members: tuple[Argument, ...]
    kind: type = list

    def value(self, memory: Memory) -> Any:
        """Return the collection."""
        values = [one.value(memory) for one in self.members]
        return dict(zip(self.names, values, strict=True)) if self.kind is dict else values


@dataclass(frozen=True)
class Fixed:
    """The same value at every call; a dict is copied, since layers write into theirs."""

    content: Any

    def value(self, memory: Memory) -> Any:
        """Return the value."""
        return dict(self.content) if isinstance(self.content, dict) else self.content


@dataclass(frozen=True)
class Chosen:
    """The value of an option."""

    name: str
    default: Any = None

    def value(self, memory: Memory) -> Any:
        """Return what the case chose."""
        return memory.options.get(self.name, self.default)


@dataclass(frozen=True)
class Upstream:
    """The upstream gradient of one output."""

    name: str

    def value(self, memory: Memory) -> Any:
        """Return the cotangent."""
        return lend(memory.upstream[self.name])


@dataclass(frozen=True)
class Output:
    """An output of the forward before, as the layer gave it."""

    name: str

    def value(self, memory: Memory) -> Any:
        """Return the output."""
        return memory.outputs[self.name]


@dataclass(frozen=True)
class Cache:
    """One of the values that forward returned, by position from the end."""

    position: int = -1

    def value(self, memory: Memory) -> Any:
        """Return the cache."""
        return memory.returned[self.position]


@dataclass(frozen=True)
class OfLayer:
    """What the layer holds at a place, such as the ``output`` of its forward."""

    place: Place

    def value(self, memory: Memory) -> Any:
        """Return it."""
        return self.place.read(memory.layer)


@dataclass(frozen=True)
class Call:
    """A method of the layer (or a function) and what is passed to it."""

    target: str | Callable[..., Any]
    arguments: tuple[Argument, ...] = ()

    def run(self, layer: Any, memory: Memory) -> Any:
        """Call it; an empty name calls the layer itself."""
        memory.layer = layer
        values = [one.value(memory) for one in self.arguments]
        if not isinstance(self.target, str):
            return self.target(*values)
        return (getattr(layer, self.target) if self.target else layer)(*values)


def lend(array: Array) -> Any:
    """Return what a layer gets: an array, or for 0-d the scalar that a person would pass."""
    return array if np.ndim(array) else np.asarray(array)[()]
