"""What the benchmarks know of a layer: a forward, its backward, and how its arrays are drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Arrays = dict[str, Array]
Generator = np.random.Generator
Shapes = dict[str, tuple[int, ...]]
Border = Callable[[Arrays], Array]


def _no_labels(rng: Generator, shapes: Shapes) -> Arrays:
    return {}


@dataclass(frozen=True, slots=True)
class Layer:
    """A forward with its hand-written backward over all of ``shapes``'s arrays.

    ``smooth`` means at least twice differentiable wherever it is finite. ``labels`` draws integer
    arrays, which are never differentiated. ``borders`` gives the distance of each element to the
    edge of the domain. ``offsets`` are added in units of the input scale. ``statistics`` is the
    axis of ``x`` over which a normalisation takes its mean.
    """

    name: str
    smooth: bool
    shapes: Callable[[Generator, int], Shapes]
    forward: Callable[[Arrays], Array]
    backward: Callable[[Arrays, Array], Arrays]
    labels: Callable[[Generator, Shapes], Arrays] = _no_labels
    positive: tuple[str, ...] = ()
    borders: Mapping[str, Border] = field(default_factory=dict)
    offsets: Mapping[str, float] = field(default_factory=dict)
    statistics: int | None = None

    def draw(self, rng: Generator, scale: float, dtype: npt.DTypeLike, most: int = 6) -> Arrays:
        """Draw normal arrays of ``scale``, sides of at most about ``most``."""
        return self.fill(self.shapes(rng, most), rng, scale, dtype)

    def fill(
        self, shapes: Shapes, rng: Generator, scale: float = 1.0, dtype: npt.DTypeLike = np.float64
    ) -> Arrays:
        """Draw arrays of the given shapes."""
        arrays: Arrays = {}
        for name, shape in shapes.items():
            values = rng.standard_normal(shape) + self.offsets.get(name, 0.0)
            if name in self.positive:
                values = np.abs(values)
            arrays[name] = np.asarray(scale * values).astype(dtype)
        return arrays | self.labels(rng, shapes)

    def border(self, arrays: Arrays, name: str) -> Array | None:
        """Return the distance of each element of an array to the edge of the domain, if known."""
        return self.borders[name](arrays) if name in self.borders else None

    def two_element_statistics(self, arrays: Arrays) -> bool:
        """Whether means are taken over two elements, where the gradient is a cancellation."""
        return self.statistics is not None and arrays["x"].shape[self.statistics] == 2


def side(rng: Generator, most: int, least: int = 1) -> int:
    """Draw one side of an array."""
    return int(rng.integers(least, max(most, least) + 1))


def matrix(rng: Generator, most: int) -> Shapes:
    """One matrix x of at most 8/6 ``most`` columns."""
    return {"x": (side(rng, most), side(rng, most + 2))}


def differentiated(arrays: Arrays) -> list[str]:
    """Return the names of the arrays that have a gradient."""
    return [name for name, value in arrays.items() if value.dtype.kind == "f"]
