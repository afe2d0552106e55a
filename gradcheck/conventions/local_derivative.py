"""Convention 6: ``backward(dLdZ)`` with ``dLdW``; or a derivative that takes no upstream gradient.

``backward()``, ``derivative()``, ``gradient(x)`` or ``grad(z)`` give the local derivative of an
elementwise function, for the caller to multiply, or the gradient of a loss.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradcheck.conventions.methods import (
    FORWARD_BACKWARD,
    Pair,
    first_pair,
    mentions,
    propose_methods,
)
from gradcheck.conventions.proposal import Proposal
from gradcheck.conventions.surface import method_of, parameters_of

NAME = "local-derivative"
TITLE = "class whose derivative the caller multiplies by the upstream gradient"

_DERIVATIVES: tuple[Pair, ...] = (
    ("forward", "derivative"),
    ("loss", "gradient"),
    ("loss", "grad"),
    ("loss", "derivative"),
    ("loss", "prime"),
    ("fn", "grad"),
    ("forward", "gradient"),
    ("forward", "grad"),
    ("forward", "prime"),
    ("__call__", "gradient"),
    ("__call__", "grad"),
    ("__call__", "derivative"),
    ("__call__", "prime"),
    ("activate", "derivative"),
    ("function", "derivative"),
    ("f", "df"),
)


def propose(cls: type[Any]) -> Iterator[Proposal]:
    """Yield the ways in which a class may be one of this convention."""
    pair = first_pair(cls, FORWARD_BACKWARD)
    if pair is not None and mentions(cls, r"\bdL_?d\w+"):
        title = "class with {}(A) and {}(dLdZ)".format(*pair)
        if not parameters_of(method_of(cls, pair[1])):
            title = "class with {}(A) and {}() without upstream gradient".format(*pair)
        yield from propose_methods(cls, pair, NAME, title)
    if pair is None and (other := first_pair(cls, _DERIVATIVES)) is not None:
        title = "class with {}(x) and {}".format(*other).replace("__call__", "calls")
        yield from propose_methods(cls, other, NAME, title, local=True)
