"""Convention 8: backward is given the inputs again, and parameters have a method of their own.

``updateGradInput(input, gradOutput)`` with ``accGradParameters``, ``bprop(inputs, outputs, grads)``
with ``grads_wrt_params``, or ``backward(input, grad_output)``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gradcheck.conventions.arguments import Call, Lent, Upstream
from gradcheck.conventions.methods import FORWARD_BACKWARD, Pair, first_pair, propose_methods
from gradcheck.conventions.proposal import Proposal, bind_backward
from gradcheck.conventions.surface import method_of, parameters_of
from gradcheck.conventions.updating import own_rate

NAME = "explicit-inputs"
TITLE = "class whose backward is given the inputs again"

_PAIRS: tuple[Pair, ...] = (
    ("updateOutput", "updateGradInput"),
    ("_compute_output", "_compute_input_grad"),
    ("fprop", "bprop"),
)
_PARAMETERS = (
    "accGradParameters",
    "_update_parameters_grad",
    "grads_wrt_params",
    "update_grad_parameters",
)


def propose(cls: type[Any]) -> Iterator[Proposal]:
    """Yield the ways in which a class may be one of this convention."""
    pair = first_pair(cls, _PAIRS)
    if pair is not None:
        title = "class with {}(input) and {}(input, grad)".format(*pair)
        for one in propose_methods(cls, pair, NAME, title):
            yield _with_parameters(one, cls)
        return
    pair = first_pair(cls, FORWARD_BACKWARD)
    if pair is not None:
        for one in propose_methods(cls, pair, NAME, TITLE, rate=own_rate(cls, pair[1])):
            arguments = one.backward[0].arguments
            given = any(isinstance(argument, Lent) for argument in arguments)
            if given and any(isinstance(argument, Upstream) for argument in arguments):
                yield one


def _with_parameters(one: Proposal, cls: type[Any]) -> Proposal:
    """Add the call that computes the gradients of the parameters, where there is one."""
    name = next((name for name in _PARAMETERS if method_of(cls, name) is not None), None)
    if name is None:
        return one
    bound = bind_backward(parameters_of(method_of(cls, name)), one.slots, one.outputs)
    if bound is None:
        return one
    return replace(one, backward=(*one.backward, Call(name, bound)))
