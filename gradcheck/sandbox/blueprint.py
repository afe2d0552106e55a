"""How a layer is made and called, told by the worker that found it out to one that never called it.

A worker that must say what a layer gives in its very first call cannot find out first how it is
called. The grader carries these bytes from one worker to the other, before the first case is
drawn, and looks at nothing in them: they are as much the hand-in's word as all that a worker says.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator, Sequence
from types import FunctionType
from typing import Any

from gradcheck.errors import AdaptError
from gradcheck.sandbox.questions import MOST_BLUEPRINT
from gradcheck.sources import SourceModule
from gradcheck.subject import Subject

_PLAIN = (int, float, complex, str, bytes, tuple, type(None))
_OURS = ("gradcheck", "numpy", "builtins")
_INSIDE = (type, FunctionType, staticmethod, classmethod)

Key = tuple[int, int | str, *tuple[int | str | None, ...]]
"""Which module, which definition or name in it, and what inside of that: a name in a class, the
number of a base class, or None for the function of a static or class method."""


def blueprint(subject: Subject, modules: Sequence[SourceModule]) -> bytes:
    """Return how a subject is made and called; nothing where that cannot be told."""
    file = io.BytesIO()
    try:
        _Writer(file, modules).dump(subject)
    except Exception:  # noqa: BLE001 - what the hand-in made may refuse in any way
        return b""
    return file.getvalue() if file.tell() <= MOST_BLUEPRINT else b""


def built(data: bytes, modules: Sequence[SourceModule]) -> Subject:
    """Return the subject of a blueprint, of the classes and functions of these modules.

    Raises
    ------
    AdaptError
        There is none that could be built.
    """
    try:
        subject = _Reader(io.BytesIO(data), modules).load()
    except Exception:  # noqa: BLE001 - as above
        raise AdaptError("it cannot be built from what was told of it") from None
    if not isinstance(subject, Subject):
        raise AdaptError("what was told of it is no layer")
    return subject


class _Writer(pickle.Pickler):
    def __init__(self, file: io.BytesIO, modules: Sequence[SourceModule]) -> None:
        super().__init__(file, 5)
        self._keys: dict[int, Key] = {}
        self._alive: list[Any] = []  # so that no other object gets the identity of one of these
        for key, value in _all_in(modules):
            if id(value) not in self._keys:
                self._keys[id(value)] = key
                self._alive.append(value)

    def persistent_id(self, thing: Any) -> Key | None:
        """Return the key of what the hand-in defines: code is not carried over."""
        return None if isinstance(thing, _PLAIN) else self._keys.get(id(thing))


class _Reader(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, modules: Sequence[SourceModule]) -> None:
        super().__init__(file)
        self._modules = modules

    def persistent_load(self, key: Key) -> Any:
        """Return what this process has under a key."""
        number, name, *inside = key
        module = self._modules[number]
        value = module.namespace[name] if isinstance(name, str) else module.definitions[name].value
        for step in inside:
            if step is None:
                value = value.__func__
            else:
                value = vars(value)[step] if isinstance(step, str) else value.__mro__[step]
        return value


def _all_in(modules: Sequence[SourceModule]) -> Iterator[tuple[Key, Any]]:
    seen: set[int] = set()
    for number, module in enumerate(modules):
        for place, definition in enumerate(module.definitions):
            yield from _inside((number, place), definition.value, seen)
        for name, value in list(module.namespace.items()):
            yield from _inside((number, name), value, seen)


def _inside(key: Key, value: Any, seen: set[int]) -> Iterator[tuple[Key, Any]]:
    if isinstance(value, _PLAIN) or id(value) in seen:
        return
    seen.add(id(value))
    yield key, value
    if isinstance(value, (staticmethod, classmethod)):
        yield from _inside((*key, None), value.__func__, seen)
    elif isinstance(value, type) and value.__module__.partition(".")[0] not in _OURS:
        for name, one in list(vars(value).items()):
            if isinstance(one, _INSIDE):
                yield from _inside((*key, name), one, seen)
        for place, one in enumerate(value.__mro__[1:-1], 1):
            yield from _inside((*key, place), one, seen)
