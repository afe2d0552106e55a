"""How people write layers. Each convention adapts one way of writing to a ``Subject``.

``adapt`` is the door: it recognises a class or an object, decides where its arrays go, and
returns a subject; what keeps a class from running at all (a misspelt method) becomes a defect of
the subject's identity, so that it is reported like any other fault.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcheck.conventions import dictionaries, layer_object, parallel_lists
from gradcheck.conventions.arguments import Lent
from gradcheck.conventions.callables import CallableSubject
from gradcheck.conventions.misspelling import interface_defects
from gradcheck.conventions.objects import adapt_object
from gradcheck.conventions.placement import place
from gradcheck.conventions.wired_subject import WiredSubject
from gradcheck.errors import AdaptError
from gradcheck.kinds import UNKNOWN, Kind, kind_of
from gradcheck.subject import Array, Defect, Identity, Subject, Words

__all__ = [
    "CallableSubject",
    "adapt",
]


def adapt(
    thing: Any,
    inputs: Sequence[Array] = (),
    *,
    kind: Kind | None = None,
    source: str = "",
    line: int | None = None,
) -> Subject:
    """Return the subject of a layer class or a layer object.

    Raises
    ------
    AdaptError
        ``thing`` has no forward and backward, or cannot be constructed or called.
    """
    if isinstance(thing, type):
        if inputs:
            raise AdaptError(
                f"{thing.__name__} is a class, and concrete inputs need an object that has its "
                f"parameters: check_layer({thing.__name__}(...), x)"
            )
        return _adapt_class(thing, kind, source, line)
    for word in ("forward", "backward"):
        if not callable(getattr(thing, word, None)):
            raise AdaptError(f"{type(thing).__name__} object has no method {word!r}: {thing!r:.80}")
    return adapt_object(thing, [np.asarray(one) for one in inputs], kind)


def _adapt_class(cls: type[Any], kind: Kind | None, source: str, line: int | None) -> Subject:
    known = kind or kind_of(cls)
    defects = interface_defects(cls)
    if defects:
        return _defective(cls, known, source, line, defects)
    placement = place(cls, known or UNKNOWN, source)
    own = {name: argument for argument, name in placement.parameters}
    convention, title = _written(cls)
    identity = Identity(
        cls.__name__,
        convention,
        source,
        line,
        known.name if known and known.reference else None,
        _assumptions(title, known, own),
        _words(cls, placement.wirings, own),
    )
    constraints = known.constraints if known else ()
    return WiredSubject(
        identity, placement.wirings, placement.options, placement.sizes, constraints
    )


def _defective(
    cls: type[Any],
    kind: Kind | None,
    source: str,
    line: int | None,
    defects: tuple[Defect, ...],
) -> Subject:
    identity = Identity(
        cls.__name__,
        layer_object.NAME,
        source,
        line,
        kind.name if kind and kind.reference else None,
        defects=defects,
    )
    return WiredSubject(identity, {})


def _written(cls: type[Any]) -> tuple[str, str]:
    """Return the name and the title of the convention in which a class is written."""
    for one in (parallel_lists, dictionaries):
        if next(one.propose(cls), None) is not None:
            return one.NAME, one.TITLE
    return layer_object.NAME, "class with forward(x) and backward(dout)"


def _assumptions(title: str, kind: Kind | None, own: dict[str, str]) -> dict[str, str]:
    assumed = {"read as": title}
    if own and "lists" not in title and "dicts" not in title:
        gradients = ", ".join(f"d{argument}" for argument in own.values())
        assumed["read as"] += f", gradients in {gradients}"
    if kind is None:
        assumed["kind"] = "unknown, so its forward has no reference"
    elif kind.reference is None:
        assumed["signature"] = f"{kind.forms[0]}, as declared; its forward has no reference"
    return assumed


def _words(cls: type[Any], wirings: Any, own: dict[str, str]) -> Words:
    arguments = next(iter(wirings.values())).forward[0].arguments
    taken = [one.name for one in arguments if isinstance(one, Lent)]
    inputs = dict(zip(taken, _argument_names(cls.forward), strict=False))
    gradients = {name: f"d{argument}" for name, argument in own.items()}
    gradients |= {name: f"d{argument}" for name, argument in inputs.items()}
    upstream = _argument_names(cls.backward)
    return Words({**own, **inputs}, gradients, upstream[0] if upstream else "the upstream gradient")


def _argument_names(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)[1:]
