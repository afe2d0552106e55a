"""Convention 1: an object with ``forward(x)`` and ``backward(dout)``; gradients in ``dW, db``.

The parameters go into the constructor (a class) or lie on the object already (an object);
``backward`` returns the gradient of the input, or a tuple where there are several.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck.conventions.instance import Calling, Instance, Make, Unrunnable
from gradcheck.conventions.surroundings import Surroundings, texts
from gradcheck.signature import Signature
from gradcheck.subject import (
    Arrays,
    Backward,
    Evaluation,
    Forward,
    Identity,
    Script,
    Subject,
)

NAME = "layer-object"

PARAMETER_ALIASES: Mapping[str, tuple[str, ...]] = {
    "W": ("W", "w", "weight", "weights", "kernel"),
    "b": ("b", "B", "bias", "biases"),
}


class LayerSubject(Subject):
    """A class or an object of this convention."""

    def __init__(
        self,
        identity: Identity,
        callings: Mapping[Signature, Calling],
        make: Make,
        options: Mapping[str, tuple[Any, ...]] | None = None,
        fixed_axes: Mapping[str, int] | None = None,
        constraints: tuple[str, ...] = (),
    ) -> None:
        self.identity, self.callings, self.make = identity, callings, make
        self.forms = tuple(callings)
        self.options = options or {}
        self.fixed_axes = fixed_axes or {}
        self.constraints = constraints
        self.surroundings = Surroundings()

    def run(
        self, script: Script, options: Mapping[str, Any] | None = None
    ) -> tuple[Evaluation, ...]:
        """Run the steps; what the layer prints is swallowed, what it warns is kept."""
        with self.surroundings.held() as caught:
            done = self._steps(script, options or {})
        if caught:
            done[-1] = replace(done[-1], warnings=texts(caught))
        return tuple(done)

    def forward_many(
        self, points: Sequence[Arrays], options: Mapping[str, Any] | None = None
    ) -> list[Evaluation]:
        """Run each point on an instance of its own; what it changes is not looked at."""
        answers = []
        with self.surroundings.held():
            for primals in points:
                answers += self._steps((Forward(primals),), options or {}, watched=False)
                self.surroundings.reseed()
        return answers

    def _steps(
        self, script: Script, options: Mapping[str, Any], *, watched: bool = True
    ) -> list[Evaluation]:
        instances: dict[int, Instance] = {}
        done: list[Evaluation] = []
        calling = self._calling(script, options)
        try:
            for step in script:
                if step.instance not in instances:
                    instances[step.instance] = Instance(self.make, calling, options, watched)
                done.append(_take(instances[step.instance], step))
        except Unrunnable as stop:
            done.append(Evaluation(raised=stop.raised))
        return done

    def _calling(self, script: Script, options: Mapping[str, Any]) -> Calling:
        """Return how to call for the arrays at hand: the form with their names and axes."""
        primals = next(step.primals for step in script if isinstance(step, Forward))
        for signature, calling in self.callings.items():
            ranks = {one.name: len(one.axes) for one in signature.arrays}
            if signature.holds_for(options) and ranks == {
                name: np.ndim(array) for name, array in primals.items()
            }:
                return calling
        return next(iter(self.callings.values()))


def make_from_class(cls: type[Any], arguments: Sequence[tuple[str, str]]) -> Make:
    """Return a maker that passes parameters (and options) to the constructor by keyword.

    ``arguments`` pairs the names of the constructor's arguments with those of the arrays.
    """

    def make(parameters: Arrays, options: Mapping[str, Any]) -> Any:
        given = {own: parameters[name] for own, name in arguments if name in parameters}
        return cls(**given, **options)

    return make


def make_from_object(prototype: Any, attributes: Mapping[str, str]) -> Make:
    """Return a maker that copies ``prototype`` with other arrays in the place of its parameters.

    A deep copy whose memo already maps each old array to its new one: so every alias of it, in
    lists, dicts and sub-layers, follows.
    """

    def make(parameters: Arrays, options: Mapping[str, Any]) -> Any:
        memo = {
            id(getattr(prototype, attribute)): parameters[name]
            for name, attribute in attributes.items()
            if name in parameters
        }
        return copy.deepcopy(prototype, memo)

    return make


def gradient_names(own: str, name: str) -> tuple[str, ...]:
    """Return the attributes in which the gradient of a parameter may be found."""
    words = dict.fromkeys((own, name, own.lower()))
    patterns = ("d{}", "grad_{}", "{}_grad", "d_{}", "{}grad", "dL_d{}", "dLd{}", "d{}_")
    return tuple(dict.fromkeys(pattern.format(word) for word in words for pattern in patterns))


def _take(instance: Instance, step: Forward | Backward) -> Evaluation:
    return instance.forward(step) if isinstance(step, Forward) else instance.backward(step)
