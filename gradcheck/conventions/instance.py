"""One live layer while a script runs on it: calls, copies, and what changed during a call."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradcheck.conventions.arguments import Memory
from gradcheck.conventions.handed import Handed, Lent, same
from gradcheck.conventions.profiling import Profile, forward_code, profiled
from gradcheck.conventions.resetting import is_resettable, reset
from gradcheck.conventions.surroundings import seeded
from gradcheck.conventions.wiring import Wiring
from gradcheck.layouts import laid_out
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
        self.handed = Handed()
        self.unshown: set[str] = set()

    def forward(self, step: Forward) -> Evaluation:
        """Set the parameters, run forward on copies, and return the output."""
        self.given = {name: np.asarray(array) for name, array in step.primals.items()}
        owned = {one.name for one in self.wiring.signature.held} & set(self.memory.arrays)
        before = {name: self.memory.arrays[name] for name in owned}
        self.memory.arrays = {name: laid_out(one, step.layout) for name, one in self.given.items()}
        self._own(before)
        values, drawn = seeded(step.start, self._forward)
        mutated = self._mutations("forward")
        outputs: dict[str, Array] = {}
        missing: dict[str, str] = {}
        for name, value in values.items():
            _collect(outputs, missing, name, value, "forward")
            if self.watched:
                self.handed.keep("output", name, value)
        if not self.watched:  # thousands of points are differences only: nobody asks for more
            return Evaluation(outputs, {}, missing)
        aliases = self.handed.aliases("output", self._lent())
        unset = tuple(sorted(self.unshown))
        return Evaluation(
            outputs,
            {},
            missing,
            mutated,
            aliases=aliases,
            unset=unset,
            resettable=is_resettable(self.layer),
            next_draw=drawn,
        )

    def backward(self, step: Backward) -> Evaluation:
        """Run backward on copies of the cotangents and collect the gradients."""
        lent = {name: laid_out(given, step.layout) for name, given in step.cotangents.items()}
        self.memory.upstream = dict(lent)
        found, seen = self._backward(step)
        mutated = self._mutations("backward")
        roles = {one.name: one.role for one in self.wiring.signature.arrays}
        gradients: dict[str, Array] = {}
        missing: dict[str, str] = {}
        for name, (value, where) in found.items():
            _collect(gradients, missing, name, value, f"backward ({where})")
            if roles[name] == "input":  # those of parameters lie in buffers of the layer's own
                self.handed.keep("gradient", name, value)
        for name, given in step.cotangents.items():
            if not same(given, lent[name]):
                mutated = (*mutated, Mutation(name, "cotangent", "backward"))
        aliases = self.handed.aliases("gradient", self._lent())
        packages = tuple(sorted(seen.packages))
        return Evaluation(
            {}, gradients, missing, mutated, (), None, aliases, seen.forward_calls, packages
        )

    def spoil(self) -> Evaluation:
        """Write into the outputs as their owner may."""
        self.handed.spoil()
        return Evaluation()

    def look(self) -> Evaluation:
        """Read the gradients of the parameters as they are now."""
        learned = {one.name for one in self.wiring.signature.parameters}
        found = self._call("backward", lambda: self.wiring.read_gradients(self.layer, self.memory))
        gradients: dict[str, Array] = {}
        for name, (value, where) in found.items():
            if name in learned:
                _collect(gradients, {}, name, value, where)
        return Evaluation({}, gradients)

    def _forward(self) -> Any:
        return self._call("forward", lambda: self.wiring.run_forward(self.layer, self.memory))

    def _backward(self, step: Backward) -> tuple[dict[str, tuple[Any, str]], Profile]:
        def call() -> Any:
            return self.wiring.run_backward(self.layer, self.memory)

        if not step.profiled:
            return self._call("backward", call), Profile()
        with profiled(forward_code(self.wiring.forward, self.layer)) as seen:
            return self._call("backward", call), seen

    def _lent(self) -> Lent:
        roles = {one.name: one.role for one in self.wiring.signature.arrays}
        lent: dict[Any, Array] = {
            ("parameter" if roles[name] == "parameter" else "input", name): array
            for name, array in self.memory.arrays.items()
        }
        return lent | {("cotangent", name): one for name, one in self.memory.upstream.items()}

    def _own(self, before: Mapping[str, Array]) -> None:
        names = [one.name for one in self.wiring.signature.held]
        held = {name: self.memory.arrays[name] for name in names if name in self.memory.arrays}
        if self.layer is None:
            self.layer = self._call(
                "construct", lambda: self.wiring.make(self.memory.arrays, self.memory.options)
            )
        else:
            self._call("forward", lambda: reset(self.layer))
            self.wiring.assign(self.layer, held)
            for name, lent in before.items():  # the layer goes on with what it was first lent
                array = self.wiring.held(self.layer, name)
                if array is None:
                    self.unshown.add(name)
                    self.memory.arrays[name] = _overwritten(lent, self.memory.arrays[name])
                else:
                    self.memory.arrays[name] = array
        if self.watched:
            self._note_conversions(held)
            self.handed.renew()

    def _note_conversions(self, held: Mapping[str, Array]) -> None:
        """Take what a constructor made of a parameter (another dtype or shape) as the parameter."""
        for name in held:
            array = self.wiring.held(self.layer, name)
            if array is not None and not same(array, self.given[name]):
                self.converted[name] = array.copy()

    def _call(self, during: Phase, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - their fault, told as a record
            raise Unrunnable(raised_while(during, error, self.wiring.source)) from None

    def _mutations(self, during: Phase) -> tuple[Mutation, ...]:
        if not self.watched:
            return ()
        overwritten = self.handed.changed(during)
        lent = self.memory.arrays
        roles = {one.name: one.role for one in self.wiring.signature.arrays}
        changed = {name for name, array in self.given.items() if not same(array, lent[name])}
        now = {name: lent[name] for name in changed}
        held = ("parameter", "constant")
        for name in (one for one in self.wiring.places if roles[one] in held):
            array = self.wiring.held(self.layer, name)
            before = self.converted.get(name, self.given[name])
            if array is not None and not same(array, before):
                changed.add(name)
                now[name] = array
        for name in changed:  # told once: the next step compares with the array as it is now
            self.given[name] = now[name].copy()
            self.converted.pop(name, None)
        if self.wiring.updates:  # by convention, and with the whole layer remade for every script
            changed = {name for name in changed if roles[name] != "parameter"}
        return overwritten + tuple(
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


def _overwritten(lent: Array, values: Array) -> Array:
    """Write into an array that the layer may have kept, since it shows none; return it."""
    if lent.shape != values.shape or not lent.flags.writeable:
        return values
    lent[...] = values
    return lent


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
