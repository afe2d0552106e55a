"""Where the gradients are after a first backward: returned, on the layer, beside parameters."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradcheck.conventions import vocabulary as names
from gradcheck.conventions.arguments import Memory
from gradcheck.conventions.outcome import Trial
from gradcheck.conventions.pairing import gradient_words
from gradcheck.conventions.places import arrays_in
from gradcheck.conventions.readers import Held, Item, Reader, Whole
from gradcheck.conventions.surface import method_of, returned_names
from gradcheck.subject import Array


def run_forward(trial: Trial, layer: Any, memory: Memory) -> Any:
    """Call forward and return what the last of its calls returned."""
    value: Any = None
    for call in trial.proposal.forward:
        value = call.run(layer, memory)
    memory.returned = value
    return value


def is_numbers(value: Any) -> bool:
    """Return whether a sequence is a list of plain numbers, and so one value."""
    return all(isinstance(one, (int, float)) for one in value)


def differentiable(trial: Trial) -> list[str]:
    """Return the arrays that forward was given and that have a gradient."""
    specs = {**trial.template.specs, **trial.ignored}
    return [slot.name for slot in trial.proposal.slots if specs[slot.name].differentiable]


def _matters(trial: Trial, layer: Any, name: str) -> bool:
    """Return whether the outputs change with an array, as far as one change shows."""
    moved = {**trial.arrays, name: trial.arrays[name] + 0.25}
    memory = Memory(moved, trial.options)
    value = run_forward(trial, copy.deepcopy(layer), memory)
    return not all(
        same_array(np.asarray(reader.read(layer, value, memory)), trial.values[output])
        for output, reader in trial.outputs.items()
    )


def read_gradients(trial: Trial, layer: Any, value: Any, memory: Memory) -> None:
    """Find the gradients of what forward was given, in what backward returned."""
    wanted = differentiable(trial)
    found: dict[str, Reader] = {}
    if trial.proposal.gradient_in_forward:
        found = {wanted[0]: FromForward(Item(1))}
    elif isinstance(value, dict):
        for name in wanted:
            keys = [key for key in value if _speaks_of(str(key), name)]
            if keys or _matters(trial, layer, name):
                found[name] = Item(keys[0] if keys else f"d{name}")
            else:
                _ignore(trial, [name])
    elif isinstance(value, (tuple, list)) and not is_numbers(value):
        found = _in_order(trial, value, wanted)
    elif value is not None and np.ndim(value) >= 0 and len(wanted) >= 1:
        fitting = [n for n in wanted if np.shape(trial.arrays[n]) == np.shape(value)]
        found = {(fitting or wanted)[0]: Whole()}
        if len(wanted) > 1 and all(one.size == 1 for one in trial.values.values()):
            _ignore(trial, [name for name in wanted if name not in found])
    elif value is None:
        found = _input_attributes(trial, layer, wanted)
    for name, reader in found.items():
        keep(trial, name, (reader,), layer, value, memory)


def _ignore(trial: Trial, unlearned: Sequence[str]) -> None:
    """Take arrays as ones without a gradient: targets, and what the output does not depend on."""
    for name in unlearned:
        trial.ignored[name] = replace(trial.template.specs[name], role="label")


def _in_order(trial: Trial, value: Any, wanted: list[str]) -> dict[str, Reader]:
    """Deal several returned gradients: functions by order, methods by name, else by shape.

    The order of the arguments is the convention of functions; it gives way where the shapes do
    not fit it and the names in the return statement do.
    """
    slots = [slot.name for slot in trial.proposal.slots]
    ordered: dict[str, Reader] = {}
    if len(value) == len(slots) and len(slots) > len(wanted):
        ordered = {name: Item(slots.index(name)) for name in wanted}
    elif len(value) >= len(wanted):
        ordered = {name: Item(number) for number, name in enumerate(wanted)}
    named = _as_named(trial, wanted)
    if len(named) == len(wanted) and (
        trial.proposal.cls is not None or not _fit(trial, ordered, value)
    ):
        return named
    if ordered:
        return ordered
    found: dict[str, Reader] = {}
    for number, one in enumerate(value):
        fitting = [
            n for n in wanted if n not in found and np.shape(one) == np.shape(trial.arrays[n])
        ]
        if fitting:
            found[fitting[0]] = Item(number)
    return found


def _fit(trial: Trial, readers: Mapping[str, Reader], value: Any) -> bool:
    """Whether every gradient has the shape of its array under these readers."""
    return bool(readers) and all(
        isinstance(one, Item)
        and isinstance(one.key, int)
        and np.shape(value[one.key]) == np.shape(trial.arrays[name])
        for name, one in readers.items()
    )


def _as_named(trial: Trial, wanted: list[str]) -> dict[str, Reader]:
    """Return the gradients that are returned, by the names in the return statement."""
    found: dict[str, Reader] = {}
    for number, word in enumerate(returned_words(trial)):
        fitting = [name for name in wanted if _speaks_of(word, name) and name not in found]
        if fitting:
            found[fitting[0]] = Item(number)
    return found


def _input_attributes(trial: Trial, layer: Any, wanted: list[str]) -> dict[str, Reader]:
    """Find gradients of inputs that backward leaves on the layer (``self.dinputs``)."""
    found: dict[str, Reader] = {}
    usual = {"inputs", "input", "x", "a", "z", "in"}
    for place, array in arrays_in(layer).items():
        words = gradient_words(place.name)
        for name in wanted:
            fits = words & ({names.plain(name)} | usual) or place.name in ("grads", "grad")
            if name not in found and fits and array.shape == np.shape(trial.arrays[name]):
                found[name] = Held(place)
    return found


def returned_words(trial: Trial) -> list[str]:
    """Return the names in the return statement of backward."""
    call = trial.proposal.backward[0] if trial.proposal.backward else None
    if call is None:
        return []
    if not isinstance(call.target, str):
        return returned_names(call.target)
    method = method_of(trial.proposal.cls, call.target) if trial.proposal.cls else None
    return returned_names(method) if method is not None else []


def keep(
    trial: Trial,
    name: str,
    readers: tuple[Reader, ...],
    layer: Any,
    value: Any,
    memory: Memory,
) -> None:
    """Note where a gradient is, and what it was there."""
    trial.gradients[name] = readers
    for reader in readers:
        found = reader.read(layer, value, memory)
        if found is not None and np.asarray(found).dtype.kind in "fiu":
            trial.found[name] = _spread(trial, name, np.array(found))
            return


def _spread(trial: Trial, name: str, found: Array) -> Array:
    """Return a local derivative that is one number, such as that of the identity, at full size."""
    shape = np.shape(trial.arrays[name])
    outputs = [value.shape for value in trial.values.values()]
    if trial.proposal.upstream or found.ndim or outputs != [shape]:
        return found
    return np.broadcast_to(found, shape)


@dataclass(frozen=True)
class FromForward:
    """Something that forward returned beside its output."""

    inner: Reader

    def read(self, layer: Any, value: Any, memory: Memory) -> Any:
        """Return what the inner reader finds in forward's value."""
        return self.inner.read(layer, memory.returned, memory)

    def __str__(self) -> str:
        return "what forward returned"


def _speaks_of(key: str, name: str) -> bool:
    own, told = names.plain(name), gradient_words(key)
    ends = any(len(word) > 2 and own.endswith(word) for word in told)
    return own in told or ends or names.plain(key) == "d" + own


def same_array(a: Array, b: Array) -> bool:
    """Return whether two arrays have one shape and the same values."""
    return a.shape == b.shape and bool(np.array_equal(a, b))
