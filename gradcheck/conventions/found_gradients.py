"""Where the gradients are after a first backward: returned, on the layer, beside parameters."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradcheck.conventions import vocabulary as names
from gradcheck.conventions.arguments import Memory
from gradcheck.conventions.outcome import Trial
from gradcheck.conventions.pairing import gradient_words, paired
from gradcheck.conventions.places import Place, arrays_in
from gradcheck.conventions.readers import Change, Held, Item, Later, Reader, Whole
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
                spec = trial.template.specs[name]
                trial.ignored[name] = replace(spec, role="label")
    elif isinstance(value, (tuple, list)) and not is_numbers(value):
        found = _in_order(trial, value, wanted)
    elif value is not None and np.ndim(value) >= 0 and len(wanted) >= 1:
        fitting = [n for n in wanted if np.shape(trial.arrays[n]) == np.shape(value)]
        found = {(fitting or wanted)[0]: Whole()}
    elif value is None:
        found = _input_attributes(trial, layer, wanted)
    for name, reader in found.items():
        _keep(trial, name, (reader,), layer, value, memory)


def _in_order(trial: Trial, value: Any, wanted: list[str]) -> dict[str, Reader]:
    """Deal several returned gradients: in order where the numbers agree, else by shape."""
    slots = [slot.name for slot in trial.proposal.slots]
    named = _as_named(trial, wanted)
    if len(named) == len(value) == len(wanted):
        return named
    if len(value) == len(slots) and len(slots) > len(wanted):
        return {name: Item(slots.index(name)) for name in wanted}
    if len(value) >= len(wanted):
        return {name: Item(number) for number, name in enumerate(wanted)}
    found: dict[str, Reader] = {}
    for number, one in enumerate(value):
        fitting = [
            n for n in wanted if n not in found and np.shape(one) == np.shape(trial.arrays[n])
        ]
        if fitting:
            found[fitting[0]] = Item(number)
    return found


def _as_named(trial: Trial, wanted: list[str]) -> dict[str, Reader]:
    """Return the gradients that a method returns, by the names in its return statement.

    Functions return them in the order of their arguments; that is their convention.
    """
    if trial.proposal.cls is None or not trial.proposal.backward:
        return {}
    target = trial.proposal.backward[0].target
    method = method_of(trial.proposal.cls, target) if isinstance(target, str) else None
    returned = returned_names(method) if method is not None else []
    found: dict[str, Reader] = {}
    for number, word in enumerate(returned):
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


def read_parameters(
    trial: Trial,
    layer: Any,
    memory: Memory,
    before: Mapping[Place, Array],
    early: set[Place],
) -> None:
    """Find the arrays that the layer holds and learns, and where their gradients lie."""
    supplied = {id(memory.arrays[name]): name for name in trial.template.specs}
    candidates = [place for place in before if place in early]
    if trial.construction is None:
        return
    pairs = paired(layer, candidates)
    taken = {other for others in pairs.values() for other in others[:1]}
    for place in candidates:
        readers: list[Reader] = [Held(other) for other in pairs[place]]
        if trial.proposal.rate is not None and place not in taken:
            now = place.read(layer)
            moved = isinstance(now, np.ndarray) and not same_array(now, before[place])
            readers = [Change(_name(trial, place), place, trial.proposal.rate)] if moved else []
        named = names.plain(place.name) in names.WEIGHTS | names.BIASES
        if place in taken or not (readers or named):
            continue
        name = supplied.get(id(place.read(layer))) or _supplied_copy(trial, place)
        name = name or _name(trial, place)
        if name in trial.template.specs and name not in _held_names(trial):
            continue
        trial.parameters[name] = place
        trial.arrays.setdefault(name, before[place])
        memory.before[name] = before[place]
        readers += _later(trial, name)
        _keep(trial, name, tuple(readers), layer, None, memory)


def _later(trial: Trial, name: str) -> list[Reader]:
    """Return readers of what a second call of backward returned (``grads_wrt_params``)."""
    if len(trial.proposal.backward) < 2:
        return []
    return [Later(Item(len(trial.parameters) - 1), 1)]


def _supplied_copy(trial: Trial, place: Place) -> str:
    """Return the array of the constructor that the layer copied to ``place``, by its name."""
    word = names.plain(place.name)
    known = [n for n in _held_names(trial) if n not in trial.parameters]
    return next((n for n in known if names.plain(n) == word), "")


def _held_names(trial: Trial) -> set[str]:
    slots = {slot.name for slot in trial.proposal.slots}
    return set(trial.template.specs) - slots


def _name(trial: Trial, place: Place) -> str:
    """Return a name for a parameter: its attribute's, longer where that is taken."""
    short = place.name if place.name.isidentifier() else ""
    words = [str(step) for _, step in place.steps]
    taken = set(trial.template.specs) | set(trial.parameters) | set(trial.proposal.outputs)
    if short and short not in taken:
        return short
    longer = "_".join(words).strip("_") or "p"
    return longer if longer.isidentifier() and longer not in taken else f"p{len(taken)}"


def _keep(
    trial: Trial,
    name: str,
    readers: tuple[Reader, ...],
    layer: Any,
    value: Any,
    memory: Memory,
) -> None:
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
