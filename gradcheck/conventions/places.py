"""Where in a live layer an array lies: an attribute, an entry of a list or dict, a sub-layer.

Layers keep one array under several names (``self.W`` and ``self.params["W"]``), so values are
written into the array itself and every alias follows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradcheck.subject import Array

_DEPTH = 4
_MOST = 400
_CONTENTS = frozenset({"data", "value", "val"})
_PLAIN = (str, bytes, int, float, complex, bool, type(None), type)


class Place:
    """A path from a layer to an array, such as ``params['W']``, ``conv.W`` or ``param()[0][1]``.

    A step is an attribute (``.``), an entry (``[]``) or a method that is called (``()``).
    """

    __slots__ = ("steps",)

    def __init__(self, steps: tuple[tuple[str, Any], ...]) -> None:
        self.steps = steps

    def read(self, layer: Any) -> Any:
        """Return what lies here, None where the path leads nowhere."""
        value = layer
        for how, step in self.steps:
            try:
                if how == "()":
                    value = getattr(value, step)()
                else:
                    value = getattr(value, step) if how == "." else value[step]
            except (AttributeError, KeyError, IndexError, TypeError):
                return None
        return value

    def holds_none(self, layer: Any) -> bool:
        """Return whether the path leads to a None that the layer put there."""
        owner = Place(self.steps[:-1]).read(layer)
        how, step = self.steps[-1]
        if how == ".":
            return hasattr(owner, step) and getattr(owner, step) is None
        return isinstance(owner, dict) and step in owner and owner[step] is None

    def write(self, layer: Any, array: Array) -> None:
        """Give the array here the values of ``array``; every alias of it follows.

        Where the array cannot take them (another shape, read-only, an integer array), it is
        replaced.
        """
        held = self.read(layer)
        fits = isinstance(held, np.ndarray) and held.shape == array.shape
        if fits and held.flags.writeable and held.dtype.kind == "f":
            held[...] = array
            return
        owner = Place(self.steps[:-1]).read(layer)
        how, step = self.steps[-1]
        if how == ".":
            setattr(owner, step, array)
        elif not isinstance(owner, tuple):
            owner[step] = array

    @property
    def name(self) -> str:
        """The last word: ``W`` of ``params['W']`` and of ``W.data``, ``Ws0`` of ``Ws[0]``."""
        words = [str(step) for _, step in self.steps]
        if len(words) > 1 and words[-1] in _CONTENTS:
            return words[-2]
        if len(words) > 1 and isinstance(self.steps[-1][1], int):
            return words[-2] + words[-1]
        return words[-1] if words else ""

    @property
    def owner(self) -> tuple[tuple[str, Any], ...]:
        """The path to the object that holds the array."""
        return self.steps[:-1]

    def __str__(self) -> str:
        text = ""
        for how, step in self.steps:
            named = f".{step}" if text else str(step)
            text += f"[{step!r}]" if how == "[]" else named + ("()" if how == "()" else "")
        return text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and self.steps == other.steps

    def __hash__(self) -> int:
        return hash(self.steps)

    def __repr__(self) -> str:
        return f"Place({self})"


def arrays_in(layer: Any) -> dict[Place, Array]:
    """Return all floating-point arrays that a layer holds, each at its first place.

    Attributes come before the lists and dicts that alias them, sub-layers last.
    """
    found: dict[Place, Array] = {}
    known: set[int] = set()
    waiting: list[tuple[tuple[tuple[str, Any], ...], Any]] = [((), layer)]
    while waiting and len(known) < _MOST:
        path, value = waiting.pop(0)
        if id(value) in known:
            continue
        known.add(id(value))
        for step, child in _children(value):
            if isinstance(child, np.ndarray):
                if child.dtype.kind == "f" and id(child) not in known:
                    known.add(id(child))
                    found[Place((*path, step))] = child
            elif len(path) + 1 < _DEPTH and _may_hold(child):
                waiting.append(((*path, step), child))
    return found


def _may_hold(value: Any) -> bool:
    """Whether to look for arrays inside: collections and objects, but no functions."""
    if isinstance(value, _PLAIN):
        return False
    return not callable(value) or bool(getattr(value, "__dict__", None))


def _children(value: Any) -> Iterator[tuple[tuple[str, Any], Any]]:
    if isinstance(value, dict):
        for key, one in value.items():
            if isinstance(key, (str, int)):
                yield ("[]", key), one
    elif isinstance(value, (list, tuple)):
        for number, one in enumerate(value):
            yield ("[]", number), one
    else:
        for name in _attributes(value):
            yield (".", name), getattr(value, name, None)


def _attributes(value: Any) -> list[str]:
    """Return the names of an object's own attributes, those in ``__slots__`` included."""
    names = list(getattr(value, "__dict__", ()))
    for cls in type(value).__mro__[:-1]:
        slots = vars(cls).get("__slots__", ())
        names += [slots] if isinstance(slots, str) else list(slots)
    return [name for name in names if not name.startswith("__")]
