"""How a fresh layer is made for each script, as records: another process can be told of them.

They hold nothing but what they name, so one that was found in one process makes the same layers
in another (:mod:`gradcheck.sandbox.blueprint`).
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from gradcheck.conventions import vocabulary as names
from gradcheck.conventions.arguments import Memory
from gradcheck.conventions.outcome import Maker
from gradcheck.conventions.places import Place, arrays_in
from gradcheck.conventions.proposal import Proposal
from gradcheck.conventions.resetting import reset
from gradcheck.signature import Signature
from gradcheck.subject import Arrays


@dataclass(frozen=True)
class MakeNothing:
    """Makes what functions have for a layer: a place for nothing."""

    def __call__(self, arrays: Arrays, options: Mapping[str, Any]) -> Any:
        """Return an object that holds nothing."""
        return SimpleNamespace()


@dataclass(frozen=True)
class MakeFromClass:
    """Passes parameters (and options) to the constructor by keyword.

    ``arguments`` pairs the names of the constructor's arguments with those of the arrays.
    """

    cls: type[Any]
    arguments: tuple[tuple[str, str], ...]

    def __call__(self, arrays: Arrays, options: Mapping[str, Any]) -> Any:
        """Return a fresh layer."""
        given = {own: arrays[name] for own, name in self.arguments if name in arrays}
        return self.cls(**given, **options)


@dataclass(frozen=True)
class MakeFromObject:
    """Copies ``prototype`` with other arrays in the place of its parameters.

    A deep copy whose memo already maps each old array to its new one: so every alias of it, in
    lists, dicts and sub-layers, follows.
    """

    prototype: Any
    places: Mapping[str, Place]

    def __call__(self, arrays: Arrays, options: Mapping[str, Any]) -> Any:
        """Return a copy that owns the arrays."""
        memo = {
            id(place.read(self.prototype)): arrays[name]
            for name, place in self.places.items()
            if name in arrays
        }
        return copy.deepcopy(self.prototype, memo)


@dataclass(frozen=True)
class MakeAsFound:
    """Makes a layer as the attempt did that ran to its end, and puts the arrays in their places.

    A ``lazy`` one makes its parameters in a first forward.
    """

    construction: Maker
    proposal: Proposal
    parameters: Mapping[str, Place]
    lazy: bool
    signature: Signature
    _sizes: dict[Any, dict[str, int]] = field(default_factory=dict)

    def __call__(self, arrays: Arrays, options: Mapping[str, Any]) -> Any:
        """Return a fresh layer."""
        layer = self.construction.make(self._sizes_for(arrays, options), options, arrays)
        if self.lazy:
            _create(layer, self.proposal, arrays, options)
        for name, place in self.parameters.items():
            held = place.read(layer)
            if held is not None and held is not arrays[name]:
                place.write(layer, arrays[name])
        return layer

    def _sizes_for(self, arrays: Arrays, options: Mapping[str, Any]) -> dict[str, int]:
        shapes = {name: np.shape(array) for name, array in arrays.items()}
        numbers = {name: one for name, one in options.items() if isinstance(one, int)}
        key = (*shapes.values(), *numbers.values())
        if key not in self._sizes:
            self._sizes[key] = self.signature.bind(shapes, numbers)
        return self._sizes[key]


def _create(layer: Any, proposal: Proposal, arrays: Arrays, options: Mapping[str, Any]) -> None:
    """Let a layer make its parameters in a first forward, and forget that it ran."""
    memory = Memory({name: np.array(one) for name, one in arrays.items()}, options)
    for call in proposal.forward:
        call.run(layer, memory)
    reset(layer)


def randomised(layer: Any, rng: np.random.Generator) -> None:
    """Give the arrays that a layer made itself values without structure, in place.

    Zero weights, unit gammas and zero biases hide wrong gradients. Gradients and statistics that
    are only kept are left alone.
    """
    for place, array in arrays_in(layer).items():
        word = names.plain(place.name)
        kept = ("running", "moving", "mean", "var", "momentum", "velocity", "mask", "eps")
        if word.startswith(("d", "grad")) and word not in names.WEIGHTS | names.BIASES:
            continue
        if any(part in word for part in kept) or not array.flags.writeable:
            continue
        with contextlib.suppress(ValueError):
            array[...] = 0.5 * rng.standard_normal(array.shape)
