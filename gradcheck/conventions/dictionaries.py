"""Convention 3: parameters and gradients in dicts with the same keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradcheck.conventions.methods import FORWARD_BACKWARD, first_pair, mentions, propose_methods
from gradcheck.conventions.proposal import Proposal

NAME = "dictionaries"
TITLE = "class with dicts of parameters and gradients"

_DICTS = (
    r"self\.(params|grads|parameters|gradients)(\[\s*[\"'\w]|\s*(:.*)?=\s*(\{|dict\(|OrderedDict))"
)


def propose(cls: type[Any]) -> Iterator[Proposal]:
    """Yield the ways in which a class may be one of this convention."""
    pair = first_pair(cls, FORWARD_BACKWARD)
    if pair is not None and mentions(cls, _DICTS):
        yield from propose_methods(cls, pair, NAME, TITLE)
