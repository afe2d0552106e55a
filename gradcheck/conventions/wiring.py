"""How a layer is made, called and read, with everything settled that its convention leaves open.

A convention fills in a :class:`Wiring`; :class:`gradcheck.conventions.instance.Instance` runs it.
Calls are lists of arguments that say what they stand for, so one runner serves methods, function
pairs, static methods and operation objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradcheck.conventions.arguments import Call, Memory, Upstream
from gradcheck.conventions.places import Place
from gradcheck.conventions.readers import Reader
from gradcheck.signature import Signature
from gradcheck.subject import Array, Arrays

Make = Callable[[Arrays, Mapping[str, Any]], Any]
"""(held arrays, options) -> a fresh layer that owns these arrays."""


@dataclass(frozen=True)
class Wiring:
    """One way to make, call and read a layer.

    ``places`` is where the arrays that the layer holds may lie, most likely first; ``gradients``
    where those of all arrays may be found. Of several forward calls the last one's value is
    read, of backward the first one's, unless a reader says otherwise. ``updates`` says that
    backward changes the parameters by convention.
    """

    signature: Signature
    make: Make
    forward: tuple[Call, ...]
    backward: tuple[Call, ...]
    outputs: Mapping[str, Reader]
    gradients: Mapping[str, tuple[Reader, ...]]
    places: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)
    source: tuple[str, ...] = ()
    updates: bool = False

    @property
    def takes_upstream(self) -> bool:
        """Whether backward is given an upstream gradient."""
        return any(isinstance(a, Upstream) for call in self.backward for a in call.arguments)

    def held(self, layer: Any, name: str) -> Array | None:
        """Return the array that the layer holds under ``name`` now, None if it shows none."""
        found = (place.read(layer) for place in self.places.get(name, ()))
        return next((one for one in found if isinstance(one, np.ndarray)), None)

    def assign(self, layer: Any, arrays: Arrays) -> None:
        """Let a live layer hold other values; where it shows no array, nothing is done."""
        for name, array in arrays.items():
            for place in self.places.get(name, ()):
                if isinstance(place.read(layer), np.ndarray):
                    place.write(layer, array)
                    break

    def run_forward(self, layer: Any, memory: Memory) -> dict[str, Any]:
        """Call forward and return its outputs by name, None where one is not there."""
        for call in self.forward:
            memory.returned = call.run(layer, memory)
        memory.outputs = {
            name: reader.read(layer, memory.returned, memory)
            for name, reader in self.outputs.items()
        }
        return memory.outputs

    def run_backward(self, layer: Any, memory: Memory) -> dict[str, tuple[Any, str]]:
        """Call backward and return each gradient with the words for where it was looked for."""
        if self.updates:
            memory.before = {
                name: np.array(held)
                for name in self.places
                if (held := self.held(layer, name)) is not None
            }
        memory.answers = [call.run(layer, memory) for call in self.backward]
        return self.read_gradients(layer, memory)

    def read_gradients(self, layer: Any, memory: Memory) -> dict[str, tuple[Any, str]]:
        """Return each gradient as it is now, with the words for where it was looked for."""
        first = memory.answers[0] if memory.answers else memory.returned
        found = {
            name: _first(readers, layer, first, memory) for name, readers in self.gradients.items()
        }
        for name, (value, where) in found.items():
            # Under an option such as bias=False the layer has no such parameter.
            if value is None and name in self.places and self._lacks(layer, name):
                found[name] = np.zeros_like(memory.arrays[name]), where
        return found

    def _lacks(self, layer: Any, name: str) -> bool:
        """Whether the layer has None in the place of a parameter."""
        return any(place.holds_none(layer) for place in self.places[name])


def _first(readers: Sequence[Reader], layer: Any, value: Any, memory: Memory) -> tuple[Any, str]:
    for reader in readers:
        found = reader.read(layer, value, memory)
        if found is not None:
            return found, str(reader)
    places = list(dict.fromkeys(str(one) for one in readers))[:2]
    return None, ", ".join(places) or "nowhere"
