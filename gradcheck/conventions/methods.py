"""Classes with a method for each direction: what the conventions for classes have in common."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from gradcheck.conventions import vocabulary as names
from gradcheck.conventions.arguments import (
    Argument,
    Call,
    Lent,
    OfLayer,
    Several,
    Softmaxed,
    Upstream,
)
from gradcheck.conventions.places import Place
from gradcheck.conventions.proposal import (
    Proposal,
    Slot,
    bind_backward,
    bind_forward,
    count_upstreams,
    output_names,
    speaks_of_loss,
)
from gradcheck.conventions.surface import (
    Parameter,
    goes_through,
    is_static,
    method_of,
    parameters_of,
)
from gradcheck.kinds import match_loosely

Pair = tuple[str, str]
"""The names of the methods for the two directions; ``__call__`` calls the object itself."""

FORWARD_BACKWARD: tuple[Pair, ...] = (
    ("forward", "backward"),
    ("forward_pass", "backward_pass"),
    ("forward_propagation", "backward_propagation"),
    ("forward_prop", "backward_prop"),
    ("forward_propagate", "back_propagate"),
    ("forward_propagate", "backward_propagate"),
    ("fwd_prop", "back_prop"),
    ("forward", "backprop"),
    ("feedforward", "backprop"),
    ("feed_forward", "backpropagate"),
    ("forward", "back"),
    ("forwards", "backwards"),
    ("call", "backward"),
    ("__call__", "backward"),
)


def first_pair(cls: type[Any], pairs: Sequence[Pair]) -> Pair | None:
    """Return the first pair of methods that the class has both of."""
    return next((pair for pair in pairs if all(method_of(cls, one) for one in pair)), None)


def propose_methods(
    cls: type[Any],
    pair: Pair,
    convention: str,
    title: str,
    *,
    rate: float | None = None,
    local: bool = False,
) -> Iterator[Proposal]:
    """Yield the ways in which a pair of methods may be called, the likeliest first."""
    entry, leave = pair
    forward = parameters_of(method_of(cls, entry), bound=not is_static(cls, entry))
    backward = parameters_of(method_of(cls, leave), bound=not is_static(cls, leave))
    if rate is not None:
        backward = tuple(
            replace(one, required=True) if names.plain(one.name) in names.RATES else one
            for one in backward
        )
    for loss in _readings(cls, forward, backward):
        bound = bind_forward(forward, loss=loss)
        if bound is None:
            continue
        slots, arguments = bound
        outputs = output_names(slots, count_upstreams(backward, slots, cache=False))
        for leaving in _backwards(backward, slots, outputs, local=local):
            one = Proposal(
                convention,
                title,
                cls.__name__,
                slots,
                (Call("" if entry == "__call__" else entry, arguments),),
                (Call(leave, leaving),),
                outputs,
                cls,
                upstream_name=_upstream_name(backward, leaving),
                rate=rate,
            )
            yield from _as_list(one, method_of(cls, entry))
            yield one
            yield from _behind_softmax(one, cls)


def _as_list(one: Proposal, forward: Any) -> Iterator[Proposal]:
    """Yield a layer of several inputs that takes them in one list: ``forward([a, b])``."""
    kind = match_loosely(one.symbol)
    several = kind is not None and sum(a.role == "input" for a in kind.forms[0].arrays) == 2
    if not several or len(one.slots) != 1 or not goes_through(forward, one.slots[0].name):
        return
    name = one.slots[0].name
    parts = (f"{name}0", f"{name}1")
    together = Several(parts, tuple(Lent(part) for part in parts))
    yield replace(
        one,
        title=f"{one.title}, its inputs in a list",
        slots=tuple(Slot(part, "data") for part in parts),
        forward=tuple(
            replace(
                call,
                arguments=tuple(
                    together if isinstance(a, Lent) and a.name == name else a
                    for a in call.arguments
                ),
            )
            for call in one.forward
        ),
    )


def _behind_softmax(one: Proposal, cls: type[Any]) -> Iterator[Proposal]:
    """Yield a loss on probabilities whose gradient is that of the scores before the softmax.

    Only where the text of the class speaks of a softmax that it does not compute.
    """
    fused = one.is_loss and mentions(cls, r"(?i)softmax") and not mentions(cls, r"exp\(|softmax\(")
    if fused and not one.upstream:
        yield replace(
            one,
            title=f"{one.title}, its gradient that of the scores before a softmax",
            forward=tuple(_softmaxed(call) for call in one.forward),
            backward=tuple(_softmaxed(call) for call in one.backward),
        )


def _softmaxed(call: Call) -> Call:
    return replace(
        call,
        arguments=tuple(
            Softmaxed(a.name)
            if isinstance(a, Lent) and names.plain(a.name) not in names.TARGETS
            else a
            for a in call.arguments
        ),
    )


def text_of(cls: type[Any]) -> str:
    """Return the source text of a class and of those it inherits from, as far as it is there."""
    return "\n".join(_own_text(one) for one in cls.__mro__[:-1])


@cache
def _own_text(cls: type[Any]) -> str:
    """Return the source text of one class; ``inspect`` parses its whole file for it, so once."""
    try:
        return inspect.getsource(cls)
    except (OSError, TypeError):
        return ""


def mentions(cls: type[Any], pattern: str) -> bool:
    """Return whether the text of a class matches a regular expression."""
    return re.search(pattern, text_of(cls)) is not None


def _readings(
    cls: type[Any], forward: Sequence[Parameter], backward: Sequence[Parameter]
) -> tuple[bool, ...]:
    """Return whether a second argument is a label: surely, surely not, or first the likelier."""
    required = [one for one in forward if one.required]
    if len(required) < 2:
        return (False,)
    if any(names.is_target(one.name) for one in required):
        return (True,)
    if speaks_of_loss(cls.__name__) or not any(one.required for one in backward):
        return (True, False)
    return (False, True)


def _backwards(
    backward: Sequence[Parameter], slots: Sequence[Slot], outputs: Sequence[str], *, local: bool
) -> Iterator[tuple[Argument, ...]]:
    """Yield the meanings of backward's arguments; a loss may be given its predictions again."""
    required = [one for one in backward if one.required and not one.many]
    label = next((slot for slot in slots if slot.role == "label"), None)
    data = next((slot for slot in slots if slot.role == "data"), None)
    labels = [
        one
        for one in required
        if names.plain(one.name) in names.TARGETS or names.is_target(one.name)
    ]
    if label and data and len(required) == 2 and len(labels) == 1:
        for predictions in (Lent(data.name), OfLayer(Place(((".", "output"),)))):
            yield tuple(Lent(label.name) if one is labels[0] else predictions for one in required)
    if label and len(required) == 1 and labels:
        yield (Lent(label.name),)
    bound = bind_backward(backward, slots, outputs, local=local)
    if bound is not None:
        yield bound


def _upstream_name(backward: Sequence[Parameter], leaving: Sequence[Argument]) -> str:
    required = [one for one in backward if one.required] or list(backward)
    pairs = zip(required, leaving, strict=False)
    found = [one.name for one, meaning in pairs if isinstance(meaning, Upstream)]
    return found[0] if found else "the upstream gradient"
