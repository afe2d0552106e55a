"""Convention 5: functions whose examples are columns, as deeplearning.ai has them.

``linear_forward(A, W, b) -> (Z, cache)``, ``linear_backward(dZ, cache) -> (dA_prev, dW, db)`` or a
dict of gradients. That the examples are columns is found by the shapes that work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from gradcheck.conventions import function_pair
from gradcheck.conventions.function_pair import Functions, Pair
from gradcheck.conventions.proposal import Proposal
from gradcheck.conventions.surface import parameters_of

NAME = "columns"
TITLE = "functions {}(A, ...) -> (Z, cache) and {}(dZ, cache)"


def propose(pair: Pair, functions: Functions) -> Iterator[Proposal]:
    """Yield the ways in which a pair of functions may be one of this convention."""
    if not pair.backward or not _speaks_of_columns(pair, functions):
        return
    for one in function_pair.propose(pair, functions):
        yield replace(one, convention=NAME, title=TITLE.format(pair.forward, pair.backward))


def _speaks_of_columns(pair: Pair, functions: Functions) -> bool:
    first = parameters_of(functions[pair.backward], bound=False)[:1]
    return bool(first) and re.fullmatch(r"dZ\w*|dA\w*|da|da_\w+", first[0].name) is not None
