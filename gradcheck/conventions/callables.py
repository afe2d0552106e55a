"""Convention 12: a plain pair of callables, ``forward`` and its vector-Jacobian product.

Also the smallest subject there is: no instance, no attributes, everything in the open.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradcheck.conventions.handed import Handed
from gradcheck.conventions.instance import raised_while
from gradcheck.conventions.profiling import Profile, profiled
from gradcheck.conventions.surroundings import seeded
from gradcheck.layouts import laid_out
from gradcheck.signature import Signature
from gradcheck.subject import (
    Array,
    Arrays,
    Backward,
    Evaluation,
    Forward,
    Identity,
    Mutation,
    Script,
    Spoil,
    Subject,
    frozen,
)

NAME = "callables"

NamedForward = Callable[[dict[str, Array]], Any]
NamedVjp = Callable[[dict[str, Array], Array], Mapping[str, Any]]


class CallableSubject(Subject):
    """Two functions over named arrays: the output is called ``y``."""

    def __init__(
        self, identity: Identity, signature: Signature, forward: NamedForward, vjp: NamedVjp
    ) -> None:
        self.identity, self.forms = identity, (signature,)
        self._forward, self._vjp = forward, vjp

    def run(
        self, script: Script, options: Mapping[str, Any] | None = None
    ) -> tuple[Evaluation, ...]:
        """Run the steps; a backward refers to the latest forward of its instance."""
        latest: dict[int, Forward] = {}
        handed = Handed()
        done: list[Evaluation] = []
        for step in script:
            if isinstance(step, Forward):
                latest[step.instance] = step
                done.append(self._take_forward(step, handed))
            elif isinstance(step, Backward):
                done.append(self._take_backward(latest[step.instance], step))
            else:  # its gradients are returned and lie nowhere
                if isinstance(step, Spoil):
                    handed.spoil()
                done.append(Evaluation())
            if done[-1].raised:
                break
        return tuple(done)

    def _take_forward(self, step: Forward, handed: Handed) -> Evaluation:
        primals = step.primals
        lent = {name: laid_out(np.asarray(one), step.layout) for name, one in primals.items()}
        try:
            value, drawn = seeded(step.start, lambda: self._forward(lent))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - their fault, told as a record
            return Evaluation(raised=raised_while("forward", error, (self.identity.source,)))
        name = self.forms[0].outputs[0].name
        mutated = (*handed.changed("forward"), *_changed(primals, lent, "forward"))
        if value is None:
            return Evaluation(missing={name: "forward returned None"}, mutated=mutated)
        handed.keep("output", name, value)
        return Evaluation({name: frozen(value)}, mutated=mutated, next_draw=drawn)

    def _take_backward(self, latest: Forward, step: Backward) -> Evaluation:
        primals = latest.primals
        lent = {name: laid_out(np.asarray(one), latest.layout) for name, one in primals.items()}
        (output, given), *_ = step.cotangents.items()
        cotangent = laid_out(np.asarray(given), step.layout)
        code = getattr(self._forward, "__code__", None)
        try:
            with _watching(code, step.profiled) as seen:
                found = self._vjp(lent, cotangent)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - their fault, told as a record
            return Evaluation(raised=raised_while("backward", error, (self.identity.source,)))
        mutated = _changed(primals, lent, "backward")
        if not np.array_equal(cotangent, given, equal_nan=True):
            mutated = (*mutated, Mutation(output, "cotangent", "backward"))
        wanted = [one.name for one in self.forms[0].differentiable]
        gradients = {name: frozen(found[name]) for name in wanted if found.get(name) is not None}
        missing = {name: "the vjp gave none" for name in wanted if name not in gradients}
        return Evaluation(
            {},
            gradients,
            missing,
            mutated,
            forward_calls=seen.forward_calls,
            packages=tuple(sorted(seen.packages)),
        )


def _watching(code: Any, wanted: bool) -> contextlib.AbstractContextManager[Profile]:
    codes = frozenset({code}) if code is not None else frozenset()
    return profiled(codes) if wanted else contextlib.nullcontext(Profile())


def _changed(given: Arrays, lent: Arrays, during: Any) -> tuple[Mutation, ...]:
    return tuple(
        Mutation(name, "input", during)
        for name, array in given.items()
        if not np.array_equal(array, lent[name], equal_nan=np.asarray(array).dtype.kind == "f")
    )
