"""Convention 7: backward applies the gradient itself, with a learning rate or an optimiser.

The gradient is what the parameters lose in one backward on a fresh layer.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from gradcheck.conventions import vocabulary as names
from gradcheck.conventions.methods import FORWARD_BACKWARD, first_pair, mentions, propose_methods
from gradcheck.conventions.proposal import RATE, Proposal
from gradcheck.conventions.surface import calls_method, method_of, parameters_of, tree_of

NAME = "updating"
TITLE = "class that applies its gradients in backward"


class Descent:
    """An optimiser of one step: what it returns is the parameter less ``RATE`` times the gradient.

    It answers under the usual names, so that layers which are given an optimiser can use it.
    """

    learning_rate = RATE
    lr = RATE

    def update(self, parameter: Any, gradient: Any, *_: Any) -> Any:
        """Return the parameter after the step."""
        return parameter - RATE * gradient

    def __call__(self, parameter: Any, gradient: Any, *_: Any) -> Any:
        """Return the parameter after the step."""
        return self.update(parameter, gradient)


def propose(cls: type[Any]) -> Iterator[Proposal]:
    """Yield the ways in which a class may be one of this convention."""
    pair = first_pair(cls, FORWARD_BACKWARD)
    if pair is None:
        return
    backward = method_of(cls, pair[1])
    rates = [p for p in parameters_of(backward)[1:] if names.plain(p.name) in names.RATES]
    by_optimiser = calls_method(backward, "update") and mentions(cls, r"opt\w*\.update\(")
    if rates or by_optimiser or own_rate(cls, pair[1]) is not None:
        yield from propose_methods(cls, pair, NAME, TITLE, rate=RATE)


def own_rate(cls: type[Any], leave: str) -> float | None:
    """Return the rate of a layer that descends by a learning rate of its own, None of others."""
    tree = tree_of(method_of(cls, leave))
    text = ast.unparse(tree) if tree is not None else ""
    descends = re.search(r"self\.(\w+) (-= |= self\.\1 - )self\.(learning_rate|lr)\b", text)
    return RATE if descends else None
