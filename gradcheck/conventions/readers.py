"""Where outputs and gradients are found after a call: returned, one of several, or on the layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from gradcheck.conventions.arguments import Memory
from gradcheck.conventions.places import Place


class Reader(Protocol):
    """Where one output or gradient is found after a call."""

    def read(self, layer: Any, value: Any, memory: Memory) -> Any:
        """Return it, None where it is not there."""


@dataclass(frozen=True)
class Whole:
    """What the call returned."""

    def read(self, layer: Any, value: Any, memory: Memory) -> Any:
        """Return the value itself."""
        return value

    def __str__(self) -> str:
        return "what it returned"


@dataclass(frozen=True)
class Item:
    """One entry of the tuple, list or dict that the call returned."""

    key: int | str

    def read(self, layer: Any, value: Any, memory: Memory) -> Any:
        """Return the entry, None where there is none."""
        if isinstance(self.key, str):
            return value.get(self.key) if isinstance(value, dict) else None
        if not isinstance(value, (tuple, list)):
            return value if self.key == 0 else None
        return value[self.key] if self.key < len(value) else None

    def __str__(self) -> str:
        return f"what it returned, [{self.key!r}]"


@dataclass(frozen=True)
class Within:
    """An entry of a dict that the call returned beside other things."""

    number: int
    key: Any

    def read(self, layer: Any, value: Any, memory: Memory) -> Any:
        """Return the entry, None where there is none."""
        part = value[self.number] if isinstance(value, (tuple, list)) else None
        return part.get(self.key) if isinstance(part, dict) else None

    def __str__(self) -> str:
        return f"what it returned, [{self.key!r}]"


@dataclass(frozen=True)
class Later:
    """Something that a later call of backward returned."""

    inner: Reader
    call: int

    def read(self, layer: Any, value: Any, memory: Memory) -> Any:
        """Return what the inner reader finds in that call's value."""
        return self.inner.read(layer, memory.answers[self.call], memory)

    def __str__(self) -> str:
        return str(self.inner)


@dataclass(frozen=True)
class InTurn:
    """One of the gradients that backward returned in the order of the inputs.

    A label may have a place among them or none, and the gradients of the parameters may follow:
    ``labels`` counts the inputs without a gradient before this one, ``inputs`` all inputs and
    ``wanted`` those with a gradient. A parameter has the ``number`` after all inputs.
    """

    number: int
    labels: int
    inputs: int
    wanted: int
    parameters: int = 0

    def read(self, layer: Any, value: Any, memory: Memory) -> Any:
        """Return the gradient, None where too few came back."""
        values = list(value) if isinstance(value, (tuple, list)) else [value]
        at = self.number
        if self.number >= self.wanted and len(values) != self.wanted + self.parameters:
            return None
        if len(values) == self.inputs > self.wanted:
            at += self.labels
        return values[at] if at < len(values) else None

    def __str__(self) -> str:
        return "what it returned"


@dataclass(frozen=True)
class Parallel:
    """The entry of ``grads`` where ``params`` has the very array that was lent."""

    name: str

    def read(self, layer: Any, value: Any, memory: Memory) -> Any:
        """Return the gradient, None without such lists."""
        params, grads = getattr(layer, "params", None), getattr(layer, "grads", None)
        if not isinstance(params, (list, tuple)) or not isinstance(grads, (list, tuple)):
            return None
        pairs = zip(params, grads, strict=False)
        return next((grad for param, grad in pairs if param is memory.arrays[self.name]), None)

    def __str__(self) -> str:
        return "self.grads"


@dataclass(frozen=True)
class Held:
    """A place of the layer."""

    place: Place

    def read(self, layer: Any, value: Any, memory: Memory) -> Any:
        """Return what lies there."""
        return self.place.read(layer)

    def __str__(self) -> str:
        return f"self.{self.place}"


@dataclass(frozen=True)
class Change:
    """The change of a parameter during backward, which was called with the learning rate ``rate``.

    The rate is a power of two: the gradient comes back to its last digit but one whatever the
    size of the parameter, since only the change is rounded relative to it.
    """

    name: str
    place: Place
    rate: float

    def read(self, layer: Any, value: Any, memory: Memory) -> Any:
        """Return the gradient that was applied."""
        after = self.place.read(layer)
        before = memory.before[self.name]
        if not isinstance(after, np.ndarray) or after.shape != before.shape:
            return after
        return (before - after) / self.rate

    def __str__(self) -> str:
        return f"the change of self.{self.place}"


@dataclass(frozen=True)
class Times:
    """A local derivative, which the caller multiplies by the upstream gradient."""

    inner: Reader
    output: str

    def read(self, layer: Any, value: Any, memory: Memory) -> Any:
        """Return the product."""
        local = self.inner.read(layer, value, memory)
        return None if local is None else np.asarray(local) * memory.upstream[self.output]

    def __str__(self) -> str:
        return f"{self.inner} times the upstream gradient"


@dataclass(frozen=True)
class Scaled:
    """A gradient that a course divides by the size of an axis, put back."""

    inner: Reader
    array: str
    axis: int
    power: int

    def read(self, layer: Any, value: Any, memory: Memory) -> Any:
        """Return the gradient times the size of the axis."""
        found = self.inner.read(layer, value, memory)
        size = np.shape(memory.arrays[self.array])[self.axis]
        return None if found is None else np.asarray(found) * float(size) ** self.power

    def __str__(self) -> str:
        return str(self.inner)


@dataclass(frozen=True)
class Reduced:
    """The mean or sum of the losses of the samples, of which backward gives the gradient."""

    inner: Reader
    how: str

    def read(self, layer: Any, value: Any, memory: Memory) -> Any:
        """Return one number."""
        losses = self.inner.read(layer, value, memory)
        return None if losses is None else getattr(np, self.how)(losses)

    def __str__(self) -> str:
        return f"the {self.how} of {self.inner}"
