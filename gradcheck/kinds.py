"""The catalogue of known layer kinds: name and aliases -> signature, options, reference layer.

The reference layers carry signature and options as plain data, so a kind is declared once, here,
by its names, in the table of :mod:`gradcheck.known_kinds`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from gradcheck.errors import UsageError, nearest
from gradcheck.signature import Signature, parse_signature

Value = Callable[..., Any]


@dataclass(frozen=True)
class Kind:
    """A kind of layer: what it is called, what goes in and out, and a layer that is right.

    ``approximations`` are forwards of textbook code that differ from the reference on purpose:
    name -> function of (forward arguments of the reference) with the approximate value. Of a
    ``strict`` kind everybody means the same; a layer named for another kind may mean something
    else (a factor, an epsilon, an order of gates), and then the reference has no say.
    ``otherwise`` names the kind that is meant by the same name if it is not this one.
    """

    name: str
    aliases: tuple[str, ...]
    reference: Callable[..., Any] | None
    forms: tuple[Signature, ...]
    parameters: tuple[str, ...] = ()
    options: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    approximations: Mapping[str, Value] = field(default_factory=dict)
    constraints: tuple[str, ...] = ()
    strict: bool = True
    otherwise: str = ""


@dataclass(frozen=True)
class Row:
    """One line of the table of known kinds.

    Where ``by_name`` is not set, no class name but an alias speaks of the kind: under that name
    different layers are taught.
    """

    name: str
    reference: type[Any]
    aliases: tuple[str, ...] = ()
    strict: bool = False
    by_name: bool = True
    otherwise: str = ""
    approximations: Mapping[str, Value] = field(default_factory=dict)


UNKNOWN = Kind(
    "unknown",
    (),
    None,
    tuple(parse_signature(text) for text in ("x: N D -> y: ...", "x: N C H W -> y: ...")),
)
"""What is assumed of a layer whose name says nothing: one real array in."""


def find_kind(name: str) -> Kind:
    """Return the kind called ``name``.

    Raises
    ------
    UsageError
        There is no such kind; the nearest name is offered.
    """
    kind = _named().get(name) or match_kind(name)
    if kind is None:
        known = ", ".join(one.name for one in catalogue())
        raise UsageError(f"no layer kind {name!r}{nearest(name, _aliases())}. Known: {known}")
    return kind


def declared(name: str, signature: str, parameters: tuple[str, ...] = ()) -> Kind:
    """Return the kind of a layer that declares its own signature and has no reference."""
    return Kind(name, (), None, (parse_signature(signature, parameters),), parameters)


def match_kind(symbol: str) -> Kind | None:
    """Return the kind that a class name such as ``MyReLULayer`` speaks of, or None."""
    word = _letters(symbol)
    return _aliases().get(word) or _aliases().get(_bare(word))


_FILLERS = frozenset(
    {"layer", "activation", "simple", "time", "temporal", "spatial", "naive", "fast", "module"}
    | {"function", "fn", "op", "stride1", "multi", "categorical", "my", "student", "base", "numpy"}
    | {"the", "custom", "func", "forward", "backward", "loss", "step", "np", "vectorized", "class"}
)


def match_loosely(symbol: str) -> Kind | None:
    """Return the kind that a name speaks of beside words such as layer, loss or time, or None."""
    exact = match_kind(symbol) or _numbered(_bare(_letters(symbol)))
    if exact is not None:
        return exact
    words = re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z0-9]+", symbol)
    known = _aliases()
    kept = [word.lower() for word in words]
    for keep_loss in (True, False):
        left = [w for w in kept if w not in _FILLERS or (w == "loss" and keep_loss)]
        found = known.get("".join(left))
        if found is not None:
            return found
    return None


_NUMBER_IN_NAME = frozenset({"relu6"})  # cut off at six, and no sixth attempt at a ReLU


def _numbered(word: str) -> Kind | None:
    """Return the kind of ``affine2``: a digit at the end counts layers or attempts."""
    return None if word in _NUMBER_IN_NAME else _aliases().get(re.sub(r"\d+$", "", word))


def kind_of(cls: type[Any]) -> Kind | None:
    """Return the kind of a class: of a reference layer its own, else by its name."""
    own = (kind for kind in catalogue() if kind.reference is cls)
    return next(own, None) or match_kind(cls.__name__)


@cache
def catalogue() -> tuple[Kind, ...]:
    """Return all known kinds."""
    if _told:
        return tuple(_told)
    from gradcheck.known_kinds import ROWS  # here, so that to import this module stays cheap

    return tuple(_declare(row) for row in ROWS)


_told: list[Kind] = []


def know_only(kinds: Iterable[Kind]) -> None:
    """Let these be all known kinds, in a process that must not hold the reference layers."""
    _told[:] = kinds
    for known in (catalogue, _named, _aliases):
        known.cache_clear()


def _letters(symbol: str) -> str:
    return re.sub(r"[^a-z0-9]", "", symbol.lower())


def _bare(word: str) -> str:
    for prefix in ("my", "student"):
        word = word.removeprefix(prefix)
    for suffix in ("layer", "node", "op", "gate"):
        word = word.removesuffix(suffix)
    return word


@cache
def _named() -> dict[str, Kind]:
    return {one.name: one for one in catalogue()}


@cache
def _aliases() -> dict[str, Kind]:
    known: dict[str, Kind] = {}
    for kind in catalogue():
        for alias in kind.aliases:
            if known.setdefault(alias, kind) is not kind:
                raise ValueError(f"{alias!r} stands for {known[alias].name} and for {kind.name}")
    return known


def _declare(row: Row) -> Kind:
    reference = row.reference
    parameters = tuple(reference.parameters)
    return Kind(
        row.name,
        ((_letters(row.name),) if row.by_name else ()) + row.aliases,
        reference,
        tuple(_form(text, parameters) for text in reference.forms),
        parameters,
        dict(reference.options),
        row.approximations,
        tuple(reference.constraints),
        row.strict,
        row.otherwise,
    )


def _form(text: str, parameters: tuple[str, ...]) -> Signature:
    """Parse one form, which may leave some of the parameters out (a layer without bias)."""
    named = {part.partition(":")[0].strip() for part in text.partition("->")[0].split(",")}
    return parse_signature(text, tuple(name for name in parameters if name in named))
