"""Convention 2: lists ``params`` and ``grads`` in the same order, or ``param()`` pairs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradcheck.conventions.methods import FORWARD_BACKWARD, first_pair, mentions, propose_methods
from gradcheck.conventions.proposal import Proposal
from gradcheck.conventions.surface import method_of

NAME = "parallel-lists"
TITLE = "class with the lists params and grads"


def propose(cls: type[Any]) -> Iterator[Proposal]:
    """Yield the ways in which a class may be one of this convention."""
    pair = first_pair(cls, FORWARD_BACKWARD)
    if pair is None:
        return
    if mentions(cls, r"self\.params\b.*=.*\[") and mentions(cls, r"self\.grads\b"):
        if not mentions(cls, r"self\.(params|grads)\[\s*[\"'f]"):
            yield from propose_methods(cls, pair, NAME, TITLE)
    elif method_of(cls, "param") is not None:
        yield from propose_methods(cls, pair, NAME, "class with (parameter, gradient) pairs")
