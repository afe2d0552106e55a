"""Where the values of constructor arguments come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from gradcheck.axes import axis_size
from gradcheck.conventions.updating import Descent
from gradcheck.subject import Array

Sizes = Mapping[str, int]


Values = tuple[Any, ...]


class Source(Protocol):
    """Where the value of one constructor argument comes from; ``told`` if it is worth telling."""

    @property
    def told(self) -> str:
        """What to say of it."""

    def value(self, sizes: Sizes, options: Mapping[str, Any], arrays: Mapping[str, Array]) -> Any:
        """Return the value for a case."""


@dataclass(frozen=True)
class Size:
    """The size of an axis, an axis term; ``wrapped`` gives it in a tuple as often as is said."""

    term: str
    wrapped: int = 0

    @property
    def told(self) -> str:
        """Nothing: it follows from the case."""
        return ""

    def value(self, sizes: Sizes, options: Mapping[str, Any], arrays: Mapping[str, Array]) -> Any:
        """Return the size."""
        size = axis_size(self.term, sizes)
        return (size,) * self.wrapped if self.wrapped else size


@dataclass(frozen=True)
class Shape:
    """Several sizes in a tuple, such as an input shape."""

    terms: tuple[str, ...]

    @property
    def told(self) -> str:
        """Nothing: it follows from the case."""
        return ""

    def value(self, sizes: Sizes, options: Mapping[str, Any], arrays: Mapping[str, Array]) -> Any:
        """Return the tuple."""
        return tuple(axis_size(term, sizes) for term in self.terms)


@dataclass(frozen=True)
class Option:
    """An argument that may be varied; its first value is the usual one."""

    name: str
    values: Values
    wrapped: int = 0

    @property
    def told(self) -> str:
        """Nothing: it follows from the case."""
        return ""

    def value(self, sizes: Sizes, options: Mapping[str, Any], arrays: Mapping[str, Array]) -> Any:
        """Return what the case chose."""
        chosen = options.get(self.name, self.values[0])
        return (chosen,) * self.wrapped if self.wrapped else chosen


@dataclass(frozen=True)
class Supplied:
    """An array that we supply."""

    name: str

    @property
    def told(self) -> str:
        """Nothing: it follows from the case."""
        return ""

    def value(self, sizes: Sizes, options: Mapping[str, Any], arrays: Mapping[str, Array]) -> Any:
        """Return the array."""
        return arrays[self.name]


@dataclass(frozen=True)
class Constant:
    """The same value for every case, such as a function."""

    content: Any
    told: str = ""

    def value(self, sizes: Sizes, options: Mapping[str, Any], arrays: Mapping[str, Array]) -> Any:
        """Return it; what has a state is made anew."""
        return self.content() if self.content in (Descent, Receiver) else self.content


class Receiver:
    """The network that a loss hands its gradient to."""

    def backward(self, *_: Any) -> None:
        """Take the gradient; the loss keeps it as well."""
