"""Which arrays a layer holds and learns, and where their gradients lie."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradcheck.conventions import vocabulary as names
from gradcheck.conventions.arguments import Memory
from gradcheck.conventions.found_gradients import (
    is_numbers,
    keep,
    returned_words,
    run_forward,
    same_array,
)
from gradcheck.conventions.outcome import Trial
from gradcheck.conventions.pairing import gradient_words, paired
from gradcheck.conventions.places import Place
from gradcheck.conventions.readers import Change, Held, Item, Later, Reader, Within
from gradcheck.subject import Array


def read_parameters(
    trial: Trial,
    layer: Any,
    value: Any,
    memory: Memory,
    before: Mapping[Place, Array],
    early: set[Place],
) -> None:
    """Find the arrays that the layer holds and learns, and where their gradients lie.

    An array is learned if the output moves with it, or if it has a parameter's name and backward
    gave it a gradient (a bias that forward forgot); what moves the output and has neither a
    gradient nor the name of a parameter is a constant. Arrays that forward replaces are its caches.
    """
    if trial.construction is None:
        return
    supplied = {id(memory.arrays[name]): name for name in trial.template.specs}
    candidates = [place for place in before if place in early]
    pairs = paired(layer, candidates)
    taken = {other for others in pairs.values() for other in others[:1]}
    free = [place for place in candidates if place not in taken]
    moving = moving_places(trial, layer, free)
    items = _left_over(trial, value)
    learned = [one for one in free if one in moving or _is_claimed(layer, one, pairs[one])]
    for place in learned:
        name = supplied.get(id(place.read(layer))) or _supplied_copy(trial, place)
        name = name or _name(trial, place)
        if name in trial.template.specs and name not in _held_names(trial):
            continue
        readers = _readers_of(trial, layer, place, name, pairs[place], before)
        readers += _returned_readers(trial, place, value, items)
        readers += _later(trial, name)
        if not readers and not _is_learned(place):
            trial.constants.append(str(place))
            continue
        trial.parameters[name] = place
        trial.arrays.setdefault(name, before[place])
        memory.before[name] = before[place]
        readers = readers or [Held(Place((*place.owner, (".", f"d{place.name}"))))]
        keep(trial, name, tuple(readers), layer, value, memory)


def _readers_of(
    trial: Trial,
    layer: Any,
    place: Place,
    name: str,
    pairs: tuple[Place, ...],
    before: Mapping[Place, Array],
) -> list[Reader]:
    """Return where the gradient of a held array is kept, or that it is what backward took away."""
    now = place.read(layer)
    moved = isinstance(now, np.ndarray) and not same_array(now, before[place])
    if trial.proposal.rate is not None:
        return [Change(name, place, trial.proposal.rate)]
    if moved and not pairs:
        trial.applied.append(str(place))
    return [Held(other) for other in pairs]


def _is_claimed(layer: Any, place: Place, pairs: Sequence[Place]) -> bool:
    """Whether a parameter by its name was given a gradient that is not zero."""
    told = (other.read(layer) for other in pairs)
    return _is_learned(place) and any(isinstance(one, np.ndarray) and one.any() for one in told)


def _is_learned(place: Place) -> bool:
    """Whether a name is that of a parameter, so that a gradient is owed."""
    word = names.plain(place.name)
    known = names.WEIGHTS | names.BIASES | {"gamma", "beta", "scale", "shift", "gain", "theta"}
    holder = names.plain(str(place.steps[0][1]))
    return (
        word in known - {"table", "filter", "filters", "mat", "matrix", "kernel"}
        or holder in ("params", "parameters", "weights")
        or re.fullmatch(r"[wuvb][a-z0-9]{0,2}", word) is not None
    )


def moving_places(trial: Trial, layer: Any, places: Sequence[Place]) -> set[Place]:
    """Return the places whose arrays move the output, as far as one change of each shows."""
    kept = ("running", "moving", "momentum", "velocity", "cache")
    found: set[Place] = set()
    still = _again(trial, copy.deepcopy(layer))
    for place in places:
        array = place.read(layer)
        if not isinstance(array, np.ndarray) or any(w in place.name.lower() for w in kept):
            continue
        other = copy.deepcopy(layer)
        moved = place.read(other)
        place.write(other, np.asarray(moved + 0.25))
        now = _again(trial, other)
        if still is None or now is None or not all(map(same_array, still, now)):
            found.add(place)
    return found


def _again(trial: Trial, layer: Any) -> list[Array] | None:
    """Run forward once more and return its outputs, None where it does not run."""
    np.random.seed(1)  # noqa: NPY002 - the caller holds and restores the generator
    memory = Memory({n: np.array(a) for n, a in trial.arrays.items()}, trial.options)
    try:
        value = run_forward(trial, layer, memory)
        found = [reader.read(layer, value, memory) for reader in trial.outputs.values()]
        return [np.array(one) for one in found if one is not None]
    except Exception:  # noqa: BLE001 - then nothing is known of what moves it
        return None


def _left_over(trial: Trial, value: Any) -> list[int]:
    """Return the positions of what backward returned beside the gradients of its inputs."""
    if not isinstance(value, (tuple, list)) or is_numbers(value):
        return []
    readers = [one for several in trial.gradients.values() for one in several]
    used = {one.key for one in readers if isinstance(one, Item)}
    return [number for number in range(len(value)) if number not in used]


def _returned_readers(trial: Trial, place: Place, value: Any, items: list[int]) -> list[Reader]:
    """Return readers of ``return dx, dW`` and ``return dx, {"W": dW}``: by name, then by shape."""
    words = {names.plain(place.name)}
    for number in items:
        if isinstance(value[number], dict):
            keys = [
                k
                for k in value[number]
                if gradient_words(str(k)) & words or names.plain(str(k)) in words
            ]
            if keys:
                return [Within(number, keys[0])]
    told = returned_words(trial)
    named = [n for n in items if n < len(told) and gradient_words(told[n]) & words]
    shape = np.shape(place.read(trial.layer))
    shaped = [n for n in items if np.shape(value[n]) == shape]
    for number in (named or shaped)[:1]:
        items.remove(number)
        return [Item(number)]
    return []


def _later(trial: Trial, name: str) -> list[Reader]:
    """Return readers of what a second call of backward returned (``grads_wrt_params``)."""
    if len(trial.proposal.backward) < 2:
        return []
    return [Later(Item(len(trial.parameters)), 1)]


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
