"""Which array of a layer is the gradient of which: by name, by place, by shape."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradcheck.conventions import vocabulary as names
from gradcheck.conventions.places import Place, arrays_in
from gradcheck.subject import Array

_GRADIENT_HOLDERS = frozenset({"grads", "grad", "gradients", "gradient", "dparams", "derivatives"})
_AFFIXES = re.compile(
    r"^(?:_*)(?:dL_d|dLd|dl_d|dJd|dJ_d|d_|grad_of_|gradient_|grads_|grad_|grad|delta_|nabla_|d)"
    r"(?P<rest>\w+)$"
)
_SUFFIXES = re.compile(
    r"^(?P<rest>\w+?)(?:_?(?:gradients|gradient|grads|grad|deriv|der|delta)\w*|_g)$", re.IGNORECASE
)
_TAILS = ("_current", "_cur", "_acc", "_sum", "_total", "_")


_WEIGHT = frozenset({"w", "weight", "weights"})
_BIAS = frozenset({"b", "bias", "biases"})


def gradient_words(name: str) -> set[str]:
    """Return the names of which ``name`` may be the gradient: ``dW`` of W, ``b_grad`` of b."""
    told: set[str] = set()
    bases = {name, name.strip("_")}
    for tail in _TAILS:
        bases |= {one.removesuffix(tail) for one in tuple(bases)}
    for base in bases:
        for pattern in (_AFFIXES, _SUFFIXES):
            match = pattern.match(base)
            if match and match["rest"]:
                told.add(names.plain(match["rest"]))
    return told


def paired(layer: Any, candidates: Sequence[Place]) -> dict[Place, tuple[Place, ...]]:
    """Return for each held array the places that may hold its gradient, likeliest first."""
    held = arrays_in(layer)
    places = _all_places(layer, held)
    return {one: tuple(_gradients_of(one, places, layer)) for one in candidates}


def _gradients_of(one: Place, places: Mapping[Place, Array], layer: Any) -> list[Place]:
    array = one.read(layer)
    shape = np.shape(array)
    aliases = [place for place, other in places.items() if other is array] or [one]
    words = {names.plain(place.name) for place in aliases if place.name}
    for group in (_WEIGHT, _BIAS):
        words |= group if words & group else set()
    found: list[tuple[int, Place]] = []
    for other, value in places.items():
        if value is array or other == one:
            continue
        rank = _rank(other, aliases, words)
        if rank is None and names.plain(other.name) in ("grad", "gradient"):
            rank = 3 if np.shape(value) == shape and other.owner == one.owner else None
        if rank is not None:
            near = 0 if other.owner[:1] == one.owner[:1] else 1
            fits = 0 if np.shape(value) == shape else 2
            found.append((rank + near + fits, other))
    found.sort(key=lambda pair: pair[0])
    return [place for _, place in found]


def _rank(other: Place, aliases: Sequence[Place], words: set[str]) -> int | None:
    """Return how surely ``other`` speaks of being the gradient, None where it does not."""
    for alias in aliases:
        if _is_twin(other, alias):
            return 0
    if other.name and gradient_words(other.name) & words:
        return 1
    holder = names.plain(str(other.steps[-2][1])) if len(other.steps) > 1 else ""
    in_holder = holder in _GRADIENT_HOLDERS
    if in_holder and names.plain(other.name) in words:
        return 1
    if in_holder and gradient_words(other.name) & words:
        return 1
    return None


def _is_twin(other: Place, place: Place) -> bool:
    """Whether two places differ only in ``params`` against ``grads`` on the way."""
    if len(other.steps) != len(place.steps) or len(place.steps) < 2:
        return False
    differing = [(a, b) for a, b in zip(other.steps, place.steps, strict=True) if a != b]
    if len(differing) != 1:
        return False
    (_, gradient), (_, parameter) = differing[0]
    if isinstance(gradient, int) and isinstance(parameter, int):
        return gradient == parameter + 1 and len(other.steps) > 1 and other.steps[0][0] == "()"
    told, held = names.plain(str(gradient)), names.plain(str(parameter))
    if held in gradient_words(str(gradient)):
        return True  # dWs[0] for Ws[0], dtheta['a'] for theta['a']
    return told in _GRADIENT_HOLDERS | {"g", "d"} and held in _HOLDERS


_HOLDERS = frozenset(
    {"params", "param", "parameters", "parameter", "weights", "data", "value", "val"}
)


def _all_places(layer: Any, held: Mapping[Place, Array]) -> dict[Place, Array]:
    """Return the arrays of a layer, each alias in lists and dicts told as well."""
    places = dict(held)
    for holder in ("params", "grads", "parameters", "gradients", "grad", "param"):
        value = getattr(layer, holder, None)
        how, steps = ".", holder
        if callable(value) and holder in ("param", "parameters"):
            try:
                value, how = value(), "()"
            except Exception:  # noqa: BLE001 - their method; it only might have told pairs
                continue
        entries: Any = ()
        if isinstance(value, dict):
            entries = value.items()
        elif isinstance(value, (list, tuple)):
            entries = enumerate(value)
        for key, one in entries:
            path = ((how, steps), ("[]", key))
            if isinstance(one, np.ndarray):
                places[Place(path)] = one
            elif isinstance(one, (tuple, list)) and len(one) == 2:
                for number, part in enumerate(one):
                    if isinstance(part, np.ndarray):
                        places[Place((*path, ("[]", number)))] = part
    return places
