"""What of a source may be a layer: proposed from names and arities, before anything runs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gradcheck.conventions import (
    autodiff,
    class_attributes,
    columns,
    dictionaries,
    explicit_inputs,
    function_pair,
    local_derivative,
    operation,
    parallel_lists,
    static_context,
    updating,
    variable_function,
)
from gradcheck.conventions.function_pair import Pair, pairs_in
from gradcheck.conventions.misspelling import speaks_of
from gradcheck.conventions.proposal import Proposal
from gradcheck.conventions.stubs import is_unfinished
from gradcheck.conventions.surface import functions_in, is_static, method_of, parameters_of
from gradcheck.kinds import match_kind

CLASS_CONVENTIONS = (
    static_context,
    operation,
    variable_function,
    explicit_inputs,
    updating,
    local_derivative,
    parallel_lists,
    dictionaries,
    class_attributes,
)
"""The conventions for classes: unmistakable names first, the plain case last."""

FUNCTION_CONVENTIONS = (columns, function_pair)

_BASES = frozenset(
    {"Layer", "Module", "Base", "BaseLayer", "LayerBase", "Loss", "LossBase", "Function", "Op"}
    | {"Operation", "Criterion", "Activation", "ActivationBase", "ObjectiveBase", "AbstractLayer"}
    | {"ParamOperation", "Optimizer", "TensorOp", "ScalarFunction"}
)


@dataclass(frozen=True)
class Candidate:
    """A class or a group of functions that may be a layer.

    ``unfinished`` names the part that is still a stub. ``thing`` is the class, None for functions.
    """

    symbol: str
    line: int | None
    place: str = ""
    thing: type[Any] | None = None
    pair: Pair | None = None
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    unfinished: str = ""
    known: tuple[Proposal, ...] = ()

    @property
    def made_of(self) -> Any:
        """The class, or the forward function."""
        return self.thing or self.functions.get(self.pair.forward if self.pair else "")

    def proposals(self) -> Iterator[Proposal]:
        """Yield the ways in which it may be called, the likeliest first."""
        yield from self.known
        if self.thing is not None:
            for convention in CLASS_CONVENTIONS:
                yield from convention.propose(self.thing)
        elif self.pair is not None:
            for one in FUNCTION_CONVENTIONS:
                yield from one.propose(self.pair, self.functions)


@dataclass(frozen=True)
class Found:
    """The candidates of a source, and what was passed over and why."""

    candidates: tuple[Candidate, ...]
    passed_over: Mapping[str, str]


def candidates_in(definitions: Iterator[Any] | Any) -> Found:
    """Return what may be a layer among definitions (each with ``name``, ``line``, ``value``)."""
    told = list(definitions)
    classes = [one for one in told if isinstance(one.value, type)]
    functions = {one.name: one.value for one in told if inspect.isfunction(one.value)}
    lines = {one.name: (one.line, one.place) for one in told}
    candidates: list[Candidate] = []
    passed_over: dict[str, str] = {}
    parents = {base for one in classes for base in one.value.__mro__[1:]}
    for one in classes:
        found = list(_of_class(one, one.value in parents))
        if found:
            candidates += found
        else:
            passed_over[one.name] = _why_not(one.value, one.value in parents)
    for pair in pairs_in(functions):
        line, place = lines[pair.forward]
        stub = next(
            (n for n in (pair.forward, pair.backward) if n and is_unfinished(functions[n])), ""
        )
        candidates.append(
            Candidate(pair.symbol, line, place, pair=pair, functions=functions, unfinished=stub)
        )
    candidates.sort(key=lambda c: (c.place, c.line or 0))
    return Found(tuple(candidates), passed_over)


def class_among(definitions: Iterable[Any], symbol: str, place: str) -> Candidate | None:
    """Return the class of that name and place as :func:`candidates_in` does, None if it is none."""
    classes = [one for one in definitions if isinstance(one.value, type)]
    parents = {base for one in classes for base in one.value.__mro__[1:]}
    named = [one for one in classes if (one.name, one.place) == (symbol, place)]
    found = (each for one in named for each in _of_class(one, one.value in parents))
    return next((each for each in found if each.symbol == symbol), None)


def candidate_of(layer: Any) -> Candidate | None:
    """Return the candidate that a class or a pair of functions is, None for any other thing."""
    if isinstance(layer, type) and _is_namespace(layer):
        return _static_pair(layer)
    if isinstance(layer, type):
        return Candidate(layer.__name__, None, "", layer)
    if inspect.isfunction(layer):
        pair = Pair(layer.__name__)
        return Candidate(pair.symbol, None, pair=pair, functions={layer.__name__: layer})
    if isinstance(layer, tuple) and len(layer) == 2 and all(map(inspect.isfunction, layer)):
        forward, backward = layer
        pair = Pair(forward.__name__, backward.__name__)
        functions = {one.__name__: one for one in layer}
        return Candidate(forward.__name__, None, pair=pair, functions=functions)
    return None


def is_layer_class(cls: type[Any]) -> bool:
    """Return whether a class looks like a layer, misspellings included."""
    if any(next(iter(one.propose(cls)), None) is not None for one in CLASS_CONVENTIONS):
        return True
    names = [name for name in dir(cls) if callable(getattr(cls, name, None))]
    found = [speaks_of(names, word) for word in ("forward", "backward")]
    exact = sum(word in found for word in ("forward", "backward"))
    if all(found):
        return exact > 0
    return exact > 0 and match_kind(cls.__name__) is not None


def _of_class(one: Any, is_parent: bool) -> Iterator[Candidate]:
    cls = one.value
    operations = tuple(autodiff.propose(cls))
    stubs = tuple(autodiff.unfinished_in(cls))
    if operations or stubs:
        for proposal in operations:
            line = autodiff.line_of(cls, proposal.symbol) or one.line
            yield Candidate(proposal.symbol, line, one.place, known=(proposal,))
        for symbol in stubs:
            name = symbol.rpartition(".")[2]
            yield Candidate(symbol, autodiff.line_of(cls, symbol), one.place, unfinished=name)
        return
    if not is_layer_class(cls):
        return
    stub = _unfinished_method(cls)
    if stub and (is_parent or cls.__name__ in _BASES or inspect.isabstract(cls)):
        return
    if inspect.isabstract(cls):
        return
    if not stub and _is_namespace(cls):
        yield replace(_static_pair(cls), line=one.line, place=one.place)
        return
    yield Candidate(one.name, one.line, one.place, cls, unfinished=stub)


def _is_namespace(cls: type[Any]) -> bool:
    """Whether a class only holds a pair of functions: static ones, with a cache, not a context."""
    backward = method_of(cls, "backward") if is_static(cls, "forward") else None
    if backward is None or not is_static(cls, "backward"):
        return False
    cached = len(parameters_of(backward, bound=False)) > 1
    return cached and next(iter(static_context.propose(cls)), None) is None


def _static_pair(cls: type[Any]) -> Candidate:
    """Return ``forward(x, w, b) -> (out, cache)`` and ``backward(dout, cache)`` of a class."""
    functions = {f"{cls.__name__}_{name}": getattr(cls, name) for name in ("forward", "backward")}
    return Candidate(cls.__name__, None, pair=Pair(*functions), functions=functions)


def _unfinished_method(cls: type[Any]) -> str:
    """Return the method that is still to be written, of those that a layer is made of."""
    proposals = (p for one in CLASS_CONVENTIONS for p in one.propose(cls))
    first = next(proposals, None)
    if first is None:
        return _missing_method(cls)
    for call in (*first.forward, *first.backward[:1]):
        if not isinstance(call.target, str):
            if is_unfinished(call.target):
                return str(getattr(call.target, "__name__", "forward"))
            continue
        name: str = call.target or "__call__"
        for part in (name, *_PARTS.get(name, ())):
            function = method_of(cls, part)
            if function is not None and is_unfinished(function):
                return part
    return ""


def _missing_method(cls: type[Any]) -> str:
    """Return the half that a class has not, under any name; empty where a name is misspelt."""
    names = [name for name in dir(cls) if callable(getattr(cls, name, None))]
    halves = ("forward", "backward")
    return next((one for one in halves if not speaks_of(names, one)), "")


_PARTS: Mapping[str, tuple[str, ...]] = {"forward": ("_output",), "backward": ("_input_grad",)}
"""Template methods: the base class calls what each layer is to write."""


def _why_not(cls: type[Any], is_parent: bool) -> str:
    names = list(functions_in(cls))
    if is_layer_class(cls):
        return "a base class, whose methods are for others to write"
    if any(name in names for name in ("forward", "backward", "__call__")):
        missing = "backward" if "backward" not in names else "forward"
        return f"no {missing}"
    return "no forward and backward"
