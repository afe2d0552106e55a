"""Convention 9: static ``forward(ctx, *xs)`` and ``backward(ctx, grad)``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradcheck.conventions import vocabulary as names
from gradcheck.conventions.arguments import Call, OfLayer
from gradcheck.conventions.methods import first_pair
from gradcheck.conventions.places import Place
from gradcheck.conventions.proposal import (
    Proposal,
    bind_backward,
    bind_forward,
    count_upstreams,
    output_names,
)
from gradcheck.conventions.surface import is_static, method_of, parameters_of

NAME = "static-context"
TITLE = "static forward(ctx, ...) and backward(ctx, grad)"


class Context:
    """What forward saves for backward, under the names that frameworks use."""

    def __init__(self) -> None:
        self.saved_values: tuple[Any, ...] = ()
        self.needs_input_grad = (True,) * 32

    def save_for_backward(self, *values: Any) -> None:
        """Keep values for backward."""
        self.saved_values = values

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """The saved values, by another name."""
        return self.saved_values


def propose(cls: type[Any]) -> Iterator[Proposal]:
    """Yield the way in which a class may be one of this convention."""
    if first_pair(cls, (("forward", "backward"),)) is None:
        return
    if not (is_static(cls, "forward") and is_static(cls, "backward")):
        return
    forward = parameters_of(method_of(cls, "forward"), bound=False)
    backward = parameters_of(method_of(cls, "backward"), bound=False)
    if not (forward and backward and names.plain(forward[0].name) in names.CACHES):
        return
    bound = bind_forward(forward[1:], loss=False)
    if bound is None:
        return
    slots, arguments = bound
    outputs = output_names(slots, count_upstreams(backward[1:], slots, cache=False))
    leaving = bind_backward(backward[1:], slots, outputs)
    if leaving is not None:
        ctx = OfLayer(Place(()))
        yield Proposal(
            NAME,
            TITLE,
            cls.__name__,
            slots,
            (Call(cls.forward, (ctx, *arguments)),),
            (Call(cls.backward, (ctx, *leaving)),),
            outputs,
            Context,
            functions=(cls.forward, cls.backward),
            upstream_name=backward[-1].name,
        )
