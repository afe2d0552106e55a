"""Names that were meant to be ``forward``, ``backward`` or ``__init__`` and are not.

Python runs such a class without a word: the method is simply never found, the constructor never
called. So the nearest name is offered before anything is run.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Sequence
from typing import Any

from gradcheck.subject import Defect

_HARMLESS = frozenset({"forward", "backward", "__init__", "__init_subclass__"})


def speaks_of(names: Sequence[str], word: str) -> str | None:
    """Return the method of ``names`` that is ``word`` or a misspelling of it, or None."""
    if word in names:
        return word
    close = difflib.get_close_matches(word, [n for n in names if n not in _HARMLESS], 1, 0.75)
    return close[0] if close else None


def interface_defects(cls: type[Any]) -> tuple[Defect, ...]:
    """Return the misspellings that keep ``cls`` from being a layer."""
    names = [name for name, one in inspect.getmembers(cls) if callable(one)]
    found = [*_misspelt(cls, names), *_without_self(cls)]
    constructor = _constructor_never_ran(cls)
    return (*found, constructor) if constructor else tuple(found)


def _misspelt(cls: type[Any], names: Sequence[str]) -> list[Defect]:
    defects = []
    for word in ("forward", "backward"):
        if word in names:
            continue
        near = speaks_of(names, word)
        if near is None:
            headline = f"{cls.__name__} has no method {word!r}"
            detail = f"a layer needs both forward and backward; define {word}"
            defects.append(Defect("method-missing", headline, detail))
            continue
        headline = f"{cls.__name__} has a method {near!r} but no {word!r}: misspelt?"
        detail = f"nothing ever calls {near!r}; rename it to {word!r}"
        defects.append(Defect("method-misspelt", headline, detail))
    return defects


def _without_self(cls: type[Any]) -> list[Defect]:
    """Return the methods that speak of ``self`` and do not take it."""
    defects = []
    for word in ("forward", "backward"):
        method = vars(cls).get(word)  # as it stands in the class: a static method is none of these
        if not inspect.isfunction(method):
            continue
        taken = method.__code__.co_varnames[: method.__code__.co_argcount]
        if "self" in method.__code__.co_names and "self" not in taken:
            headline = f"{cls.__name__}.{word}({', '.join(taken)}) does not take self"
            first = f"its first argument, {taken[0]!r}, is then" if taken else "nothing takes"
            detail = f"{first} the layer itself; write {word}({', '.join(('self', *taken))})"
            defects.append(Defect("self-missing", headline, detail))
    return defects


def _constructor_never_ran(cls: type[Any]) -> Defect | None:
    if "__init__" in vars(cls):
        return None
    own = [name for name, one in vars(cls).items() if inspect.isfunction(one)]
    near = next((name for name in own if _meant_as_constructor(name)), None)
    if near is None:
        return None
    return Defect(
        "constructor-never-ran",
        f"{cls.__name__} has a method {near!r} but no '__init__': misspelt?",
        f"Python calls only '__init__' (two underscores on each side) when {cls.__name__}(...) "
        f"is made, so what {near!r} would set is never set; rename it",
    )


def _meant_as_constructor(name: str) -> bool:
    if name.startswith("__") and name.endswith("__") and hasattr(object, name):
        return False  # a special method in its own right
    core = name.strip("_").lower()
    if core in ("init", "int", "inti", "iint", "initt", "innit"):
        return True
    return name.startswith("_") and bool(difflib.get_close_matches(core, ["init"], 1, 0.75))
