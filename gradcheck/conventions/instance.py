"""One live layer while a script runs on it: calls, copies, and what changed during a call."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradcheck.conventions.arguments import Memory
from gradcheck.conventions.wiring import Wiring
from gradcheck.subject import (
    Array,
    Backward,
    Evaluation,
    Forward,
    Mutation,
    Phase,
    Raised,
    frozen,
)


class Unrunnable(Exception):
    """Carries the record of what the layer raised to the end of the script."""

    def __init__(self, raised: Raised) -> None:
        super().__init__(str(raised))
        self.raised = raised


class Instance:
    """A layer under a script. Lends copies to the layer and watches them."""

    def __init__(self, wiring: Wiring, options: Mapping[str, Any], watched: bool = True) -> None:
        self.wiring, self.watched = wiring, watched
        self.layer: Any = None
        self.memory = Memory(options=options)
        self.given: dict[str, Array] = {}
        self.converted: dict[str, Array] = {}

    def forward(self, step: Forward) -> Evaluation:
        """Set the parameters, run forward on copies, and return the output."""
        self.given = {name: np.asarray(array) for name, array in step.primals.items()}
        self.memory.arrays = {name: np.array(array) for name, array in self.given.items()}
        self._own()
        values = self._call("forward", lambda: self.wiring.run_forward(self.layer, self.memory))
        outputs: dict[str, Array] = {}
        missing: dict[str, str] = {}
        for name, value in values.items():
            _collect(outputs, missing, name, value, "forward")
        return Evaluation(outputs, {}, missing, self._mutations("forward"))

    def backward(self, step: Backward) -> Evaluation:
        """Run backward on copies of the cotangents and collect the gradients."""
        lent = {name: np.array(given) for name, given in step.cotangents.items()}
        self.memory.upstream = dict(lent)
        found = self._call("backward", lambda: self.wiring.run_backward(self.layer, self.memory))
        gradients: dict[str, Array] = {}
        missing: dict[str, str] = {}
        for name, (value, where) in found.items():
            _collect(gradients, missing, name, value, f"backward ({where})")
        mutated = self._mutations("backward")
        for name, given in step.cotangents.items():
            if not _same(given, lent[name]):
                mutated = (*mutated, Mutation(name, "cotangent", "backward"))
        return Evaluation({}, gradients, missing, mutated)

    def _own(self) -> None:
        names = [one.name for one in self.wiring.signature.held]
        held = {name: self.memory.arrays[name] for name in names if name in self.memory.arrays}
        if self.layer is None:
            self.layer = self._call(
                "construct", lambda: self.wiring.make(self.memory.arrays, self.memory.options)
            )
            self._note_conversions(held)
        else:
            self.wiring.assign(self.layer, held)

    def _note_conversions(self, held: Mapping[str, Array]) -> None:
        """Take what a constructor made of a parameter (another dtype or shape) as the parameter."""
        for name in held:
            array = self.wiring.held(self.layer, name)
            if array is not None and not _same(array, self.given[name]):
                self.converted[name] = array.copy()

    def _call(self, during: Phase, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - their fault, told as a record
            raise Unrunnable(raised_while(during, error, self.wiring.source)) from None

    def _mutations(self, during: Phase) -> tuple[Mutation, ...]:
        if not self.watched:
            return ()
        lent = self.memory.arrays
        roles = {one.name: one.role for one in self.wiring.signature.arrays}
        changed = {name for name, array in self.given.items() if not _same(array, lent[name])}
        now = {name: lent[name] for name in changed}
        for name in (one for one in self.wiring.places if roles[one] == "parameter"):
            array = self.wiring.held(self.layer, name)
            before = self.converted.get(name, self.given[name])
            if array is not None and not _same(array, before):
                changed.add(name)
                now[name] = array
        for name in changed:  # told once: the next step compares with the array as it is now
            self.given[name] = now[name].copy()
            self.converted.pop(name, None)
        if self.wiring.updates:  # by convention, and with the whole layer remade for every script
            changed = {name for name in changed if roles[name] != "parameter"}
        return tuple(
            Mutation(name, "parameter" if roles[name] == "parameter" else "input", during)
            for name in self.given
            if name in changed
        )


def raised_while(during: Phase, error: BaseException, source: tuple[str, ...]) -> Raised:
    """Return the record of an exception of the layer's own; ``source`` selects its frames."""
    frames = tuple(
        f"line {frame.lineno}, in {frame.name}: {frame.line}"
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename in source
    )
    return Raised(during, type(error).__name__, str(error).strip(), frames)


def accepts(function: Any, count: int) -> bool:
    """Return whether ``function`` can be called with ``count`` positional arguments."""
    try:
        inspect.signature(function).bind(*range(count))
    except (TypeError, ValueError):
        return False
    return True


def _collect(
    found: dict[str, Array], missing: dict[str, str], name: str, value: Any, source: str
) -> None:
    """Keep ``value`` as the array ``name``, or say why it is none."""
    if value is None:
        missing[name] = "forward returned None" if source == "forward" else f"{source} is None"
        return
    array = _as_array(value)
    if array is None or array.dtype.kind not in "fiub":
        missing[name] = f"{source} gave {type(value).__name__}, no array of real numbers"
        return
    found[name] = frozen(array)


def _as_array(value: Any) -> Array | None:
    if isinstance(value, (tuple, dict, set, str)):
        return None
    try:
        return np.asarray(value)
    except (ValueError, TypeError):  # a ragged list
        return None


def _same(a: Array, b: Array) -> bool:
    return a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))
