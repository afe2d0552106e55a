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

from gradcheck.conventions import layer_object
from gradcheck.conventions.callables import CallableSubject
from gradcheck.conventions.layer_object import LayerSubject, make_from_class, make_from_object
from gradcheck.conventions.misspelling import interface_defects, speaks_of
from gradcheck.conventions.objects import adapt_object
from gradcheck.conventions.placement import place
from gradcheck.errors import AdaptError
from gradcheck.kinds import UNKNOWN, Kind, kind_of, match_kind
from gradcheck.subject import Array, Defect, Identity, Subject, Words

__all__ = [
    "CallableSubject",
    "LayerSubject",
    "adapt",
    "is_layer_class",
    "make_from_class",
    "make_from_object",
]


def is_layer_class(cls: type[Any]) -> bool:
    """Return whether a class looks like a layer, misspellings included."""
    names = [name for name in dir(cls) if callable(getattr(cls, name, None))]
    found = [speaks_of(names, word) for word in ("forward", "backward")]
    exact = sum(word in found for word in ("forward", "backward"))
    if all(found):
        return exact > 0
    return exact > 0 and match_kind(cls.__name__) is not None


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
    identity = Identity(
        cls.__name__,
        layer_object.NAME,
        source,
        line,
        known.name if known and known.reference else None,
        _assumptions(cls, known, own),
        _words(cls, placement.callings, own),
    )
    make = make_from_class(cls, placement.parameters)
    constraints = known.constraints if known else ()
    return LayerSubject(
        identity, placement.callings, make, placement.options, placement.sizes, constraints
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
    return LayerSubject(identity, {}, lambda *_: None)


def _assumptions(cls: type[Any], kind: Kind | None, own: dict[str, str]) -> dict[str, str]:
    assumed = {"read as": "class with forward(x) and backward(dout)"}
    if own:
        gradients = ", ".join(f"d{argument}" for argument in own.values())
        assumed["read as"] += f", gradients in {gradients}"
    if kind is None:
        assumed["kind"] = "unknown, so its forward has no reference"
    elif kind.reference is None:
        assumed["signature"] = f"{kind.forms[0]}, as declared; its forward has no reference"
    return assumed


def _words(cls: type[Any], callings: Any, own: dict[str, str]) -> Words:
    calling = next(iter(callings.values()))
    inputs = dict(zip(calling.inputs, _argument_names(cls.forward), strict=False))
    gradients = {name: f"d{argument}" for name, argument in own.items()}
    gradients |= {name: f"d{argument}" for name, argument in inputs.items()}
    upstream = _argument_names(cls.backward)
    return Words({**own, **inputs}, gradients, upstream[0] if upstream else "the upstream gradient")


def _argument_names(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)[1:]
