"""The shapes of a known kind under the own names of a layer, in every usual layout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product

from gradcheck.conventions import vocabulary as names
from gradcheck.conventions.proposal import Slot
from gradcheck.conventions.template import Axes, Template
from gradcheck.kinds import Kind
from gradcheck.signature import ArraySpec, Signature


def from_kind(slots: Sequence[Slot], kind: Kind, groups: str = "") -> Iterator[Template]:
    """Yield the forms of a kind under the layer's own names, in every usual layout.

    All forms as the kind has them come first: axes in another order are the less likely reading.
    """
    usual: list[Template] = []
    turned: list[Iterator[Template]] = []
    for form in kind.forms:
        if any(one.domain == "mask" for one in form.arrays):
            continue
        meant = _match(slots, form)
        if meant is not None:
            laid = _laid_out(slots, form, meant, groups)
            usual += islice(laid, 1)
            turned.append(laid)
    yield from usual
    for rest in turned:
        yield from rest


def _laid_out(
    slots: Sequence[Slot], form: Signature, meant: Mapping[str, str], groups: str
) -> Iterator[Template]:
    by_name = {one.name: _grouped(one, groups) for one in form.arrays}
    choices = [list(_layouts(by_name[meant[slot.name]], slot)) for slot in slots]
    marked = tuple(dict.fromkeys(_regrouped(term, groups) for term in _marked(form)))
    for axes in product(*choices):
        specs = {
            slot.name: _renamed(by_name[meant[slot.name]], slot, own)
            for slot, own in zip(slots, axes, strict=True)
        }
        found = Template(specs, marked)
        yield replace(found, single="N" not in found.first)


def _renamed(spec: ArraySpec, slot: Slot, axes: Axes) -> ArraySpec:
    role = "parameter" if slot.role == "array" and spec.differentiable else spec.role
    if slot.role in ("data", "state") and spec.role == "parameter":
        role = "input"
    return replace(spec, name=slot.name, axes=axes, role=role)


def _match(slots: Sequence[Slot], form: Signature) -> dict[str, str] | None:
    """Return own name -> the kind's name of every array, None where the form does not fit."""
    inputs = [one for one in form.arrays if one.role in ("input", "label")]
    held = [one for one in form.arrays if one.role in ("parameter", "constant")]
    taken = [slot for slot in slots if slot.role != "array"]
    arrays = [slot for slot in slots if slot.role == "array"]
    if len(taken) > len(inputs):
        return None
    order = [*inputs[: len(taken)], *inputs[len(taken) :], *held]
    labels = [one for one in inputs if one.role == "label"]
    meant: dict[str, str] = {}
    rest = list(order)
    for slot in taken:
        wanted = [one for one in rest if one in inputs]
        if slot.role == "label":
            wanted = [one for one in wanted if one in labels]
        elif labels and slot.role in ("data", "state"):
            ids = len(inputs) == len(labels)
            wanted = [one for one in wanted if ids or one not in labels]
        named = [one for one in wanted if names.means(slot.name, one.name)]
        if not wanted:
            return None
        chosen = (named or wanted)[0]
        meant[slot.name] = chosen.name
        rest.remove(chosen)
    return _match_arrays(arrays, rest, inputs, meant)


def _match_arrays(
    arrays: Sequence[Slot],
    rest: list[ArraySpec],
    inputs: Sequence[ArraySpec],
    meant: dict[str, str],
) -> dict[str, str] | None:
    for slot in arrays:
        named = [one for one in rest if names.means(slot.name, one.name)]
        if named:
            meant[slot.name] = named[0].name
            rest.remove(named[0])
    left = [slot for slot in arrays if slot.name not in meant]
    if len(left) > len(rest):
        return None
    meant.update((slot.name, one.name) for slot, one in zip(left, rest, strict=False))
    missing = rest[len(left) :]
    if arrays and any(one.role != "constant" for one in missing if one.name not in ("b", "bh")):
        return None
    if not arrays and any(one in inputs for one in missing):
        return None
    return meant


def _layouts(spec: ArraySpec, slot: Slot) -> Iterator[Axes]:
    """Yield the axis orders in which public code keeps such an array."""
    axes = spec.axes
    yield axes
    if slot.role == "array":
        if len(axes) == 1:
            yield from (("1", *axes), (*axes, "1"), ("1", *axes, "1", "1"), ("1", "1", "1", *axes))
        elif len(axes) == 2:
            yield axes[::-1]
        elif len(axes) == 4:
            F, C, K, L = axes
            yield from ((K, L, C, F), (C, F, K, L), (K, L, F, C))
        elif len(axes) == 3:
            F, C, K = axes
            yield from ((K, C, F), (C, F, K))
    elif len(axes) == 4:
        N, C, H, V = axes
        yield from ((N, H, V, C), (C, H, V), (H, V, C))
    elif len(axes) == 2 and spec.domain in ("real", "one-hot", "labels"):
        yield axes[::-1]
    elif len(axes) == 3:
        N, T, D = axes
        yield from ((N, D, T), (D, N, T), (T, N, D))


def _grouped(spec: ArraySpec, groups: str) -> ArraySpec:
    """Return an array of a grouped layer; with one group where the layer does not speak of it."""
    return replace(spec, axes=tuple(_regrouped(term, groups) for term in spec.axes))


def _regrouped(term: str, groups: str) -> str:
    return term.replace("groups", groups) if groups else term.removeprefix("groups*")


def _marked(form: Signature) -> Iterator[str]:
    """Yield the axis terms of the inputs that the parameters share, then the others."""
    learned = {term for one in form.held for term in one.axes}
    inputs = [one for one in form.arrays if one.role == "input"]
    below = [one.below for one in form.arrays if one.domain == "labels" and one.below != "2"]
    shared = [t for one in inputs for t in one.axes if t in learned]
    yield from shared
    yield from (term for term in below if term in learned)
    yield from (one.axes[1] for one in inputs if len(one.axes) > 1 and one.axes[1] not in shared)
