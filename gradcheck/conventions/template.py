"""``Template``: axes for the arrays that we supply to a layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gradcheck.axes import names_of
from gradcheck.signature import ArraySpec

Axes = tuple[str, ...]


@dataclass(frozen=True)
class Template:
    """Axes for the arrays that we supply, by the layer's own names.

    ``marked`` are the terms that a size given to the constructor may stand for, ``single`` says
    that there is one sample at a time.
    """

    specs: Mapping[str, ArraySpec]
    marked: tuple[str, ...] = ()
    single: bool = False

    @property
    def first(self) -> Axes:
        """The axes of the first input that has a gradient, of the first array without any."""
        inputs = [one for one in self.specs.values() if one.role == "input"]
        return next(iter(inputs or self.specs.values())).axes

    @property
    def axes(self) -> tuple[str, ...]:
        """All axis names, in order of appearance."""
        terms = (t for one in self.specs.values() for t in (*one.axes, one.below) if t)
        return tuple(dict.fromkeys(name for term in terms for name in names_of(term)))
