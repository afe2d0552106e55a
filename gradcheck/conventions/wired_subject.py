"""The subject of a layer that lives in this process: scripts in, evaluations out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck.conventions.instance import Instance, Unrunnable
from gradcheck.conventions.surroundings import Surroundings, texts
from gradcheck.conventions.wiring import Wiring
from gradcheck.signature import Signature
from gradcheck.subject import (
    Arrays,
    Backward,
    Evaluation,
    Forward,
    Identity,
    Script,
    Spoil,
    Step,
    Subject,
)


class WiredSubject(Subject):
    """A layer of any convention, by its wiring for each form of call."""

    def __init__(
        self,
        identity: Identity,
        wirings: Mapping[Signature, Wiring],
        options: Mapping[str, tuple[Any, ...]] | None = None,
        fixed_axes: Mapping[str, int] | None = None,
        constraints: tuple[str, ...] = (),
        *,
        probed: bool = False,
    ) -> None:
        self.identity, self.wirings = identity, wirings
        self.forms = tuple(wirings)
        self.options = options or {}
        self.fixed_axes = fixed_axes or {}
        self.constraints, self.probed = constraints, probed
        self.takes_upstream = any(one.takes_upstream for one in wirings.values())
        self.updates = any(one.updates for one in wirings.values())
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
        wiring = self._wiring(script, options)
        try:
            for step in script:
                if step.instance not in instances:
                    instances[step.instance] = Instance(wiring, options, watched)
                done.append(_take(instances[step.instance], step))
        except Unrunnable as stop:
            done.append(Evaluation(raised=stop.raised))
        return done

    def _wiring(self, script: Script, options: Mapping[str, Any]) -> Wiring:
        """Return how to call for the arrays at hand: the form with their names and axes."""
        if len(self.wirings) == 1:
            return next(iter(self.wirings.values()))
        primals = next(step.primals for step in script if isinstance(step, Forward))
        for signature, wiring in self.wirings.items():
            ranks = {one.name: len(one.axes) for one in signature.arrays}
            if signature.holds_for(options) and ranks == {
                name: np.ndim(array) for name, array in primals.items()
            }:
                return wiring
        return next(iter(self.wirings.values()))


def _take(instance: Instance, step: Step) -> Evaluation:
    if isinstance(step, Forward):
        return instance.forward(step)
    if isinstance(step, Backward):
        return instance.backward(step)
    return instance.spoil() if isinstance(step, Spoil) else instance.look()
