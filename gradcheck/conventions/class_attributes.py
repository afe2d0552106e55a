"""Convention 1: ``forward(x)``, ``backward(dout)``, gradients in attributes ``dW``, ``db``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradcheck.conventions.methods import FORWARD_BACKWARD, first_pair, propose_methods
from gradcheck.conventions.proposal import Proposal

NAME = "layer-object"
TITLE = "class with forward(x) and backward(dout)"


def propose(cls: type[Any]) -> Iterator[Proposal]:
    """Yield the ways in which a class may be one of this convention."""
    pair = first_pair(cls, FORWARD_BACKWARD)
    if pair is not None:
        title = "class with {}(x) and {}(dout)".format(*pair)
        yield from propose_methods(cls, pair, NAME, title)
