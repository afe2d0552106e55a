"""Convention 4: ``op_forward(x, w, b, op_param) -> (out, cache)``, ``op_backward(dout, cache)``.

Losses return ``(loss, dx)`` in one call. A function and its derivative (``mse``, ``mse_prime``)
are read here too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gradcheck.conventions import vocabulary as names
from gradcheck.conventions.arguments import Argument, Call, Fixed, Upstream
from gradcheck.conventions.dictionary_arguments import Bound, bind_arguments
from gradcheck.conventions.proposal import (
    Proposal,
    bind_backward,
    count_upstreams,
    output_names,
    speaks_of_loss,
)
from gradcheck.conventions.stubs import is_unfinished
from gradcheck.conventions.surface import Parameter, parameters_of, returned_counts

NAME = "function-pair"
TITLE = "functions {}(...) -> (out, cache) and {}(dout, cache)"

Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Pair:
    """Two functions that belong together, by their names; one where it does both."""

    forward: str
    backward: str = ""

    @property
    def symbol(self) -> str:
        """What the pair is called."""
        alike = names.plain(_FORWARD.sub("", self.forward)) == names.plain(
            _BACKWARD.sub("", self.backward)
        )
        usual = not self.backward or alike or not _FORWARD.search(self.forward)
        return self.forward if usual else f"{self.forward}/{self.backward}"


_FORWARD = re.compile(r"(?i)forward|fwd|fprop")
_BACKWARD = re.compile(r"(?i)backwards?|bwd|bprop|backprop")


def pairs_in(functions: Functions) -> Iterator[Pair]:
    """Yield the pairs among functions, and the losses that give their gradient at once."""
    used: set[str] = set()
    for name in functions:
        if _BACKWARD.search(name) and (forward := _forward_of(name, functions)):
            used |= {name, forward}
            yield Pair(forward, name)
    for name in functions:
        match = re.fullmatch(r"(.+?)_?(prime|derivative|deriv|grad|gradient)", name)
        match = match or re.fullmatch(r"(?:d|d_|grad_|gradient_)(.+)()", name)
        if match and match[1] in functions and name not in used and match[1] not in used:
            used |= {name, match[1]}
            yield Pair(match[1], name)
    for name, function in functions.items():
        if name not in used and speaks_of_loss(name) and _gives_gradient(function):
            yield Pair(name)


def _gives_gradient(function: Callable[..., Any]) -> bool:
    """Whether a loss returns two values, or is still to be written."""
    enough = len(parameters_of(function, bound=False)) > 1
    return enough and (2 in returned_counts(function) or is_unfinished(function))


def propose(pair: Pair, functions: Functions) -> Iterator[Proposal]:
    """Yield the ways in which a pair of functions may be a layer."""
    forward = functions[pair.forward]
    if not pair.backward:
        yield from _loss_with_gradient(pair, forward)
        return
    backward = functions[pair.backward]
    leaving = parameters_of(backward, bound=False)
    cached = any(names.plain(one.name) in names.CACHES for one in leaving) or (
        _BACKWARD.search(pair.backward) is not None and len(leaving) > 1
    )
    loss = speaks_of_loss(pair.forward) or not cached
    bound = bind_arguments(forward, loss=loss, arrays=not loss)
    if bound is None:
        return
    outputs = output_names(bound.slots, count_upstreams(leaving, bound.slots, cache=cached))
    arguments = _leave(leaving, bound, outputs, cached=cached)
    if arguments is None:
        return
    title = TITLE if cached else "function {} and its derivative {}"
    yield Proposal(
        NAME,
        title.format(pair.forward, pair.backward),
        pair.symbol,
        bound.slots,
        (Call(forward, bound.arguments),),
        (Call(backward, arguments),),
        outputs,
        functions=(forward, backward),
        upstream_name=_upstream_name(leaving, arguments),
        options=bound.options,
    )


def _upstream_name(leaving: tuple[Parameter, ...], arguments: tuple[Argument, ...]) -> str:
    pairs = zip(leaving, arguments, strict=False)
    found = [one.name for one, meaning in pairs if isinstance(meaning, Upstream)]
    return found[0] if found else "the upstream gradient"


def _leave(
    leaving: tuple[Parameter, ...], bound: Bound, outputs: tuple[str, ...], *, cached: bool
) -> tuple[Argument, ...] | None:
    """Return the arguments of backward; words such as an activation's name go there as well."""
    plain = tuple(one for one in leaving if one.name not in bound.words)
    found = bind_backward(plain, bound.slots, outputs, cache=cached)
    if found is None:
        return None
    waiting = list(found)
    arguments: list[Argument] = []
    for one in leaving:
        if one.name in bound.words:
            arguments.append(Fixed(bound.words[one.name]))
        elif waiting:
            arguments.append(waiting.pop(0))
    return tuple(arguments)


def _loss_with_gradient(pair: Pair, forward: Callable[..., Any]) -> Iterator[Proposal]:
    bound = bind_arguments(forward, loss=True, arrays=False)
    if bound is None or len(bound.slots) < 2:
        return
    yield Proposal(
        NAME,
        f"function {pair.forward}(...) -> (loss, gradient)",
        pair.symbol,
        bound.slots,
        (Call(forward, bound.arguments),),
        (),
        output_names(bound.slots, 1),
        functions=(forward,),
        gradient_in_forward=True,
        options=bound.options,
    )


def _forward_of(backward: str, functions: Functions) -> str | None:
    """Return the forward that belongs to a backward, by their names."""
    stem, _, tail = _BACKWARD.sub("\0", backward).partition("\0")
    plain = [names.plain(stem + tail), names.plain(stem)]
    for wanted in plain:
        for one in functions:
            if one == backward or _BACKWARD.search(one):
                continue
            said = names.plain(_FORWARD.sub("", one))
            if said == wanted and wanted:
                return one
    naive = names.plain(stem) + "naive"
    return next((one for one in functions if names.plain(_FORWARD.sub("", one)) == naive), None)
