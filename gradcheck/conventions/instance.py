"""One live layer while a script runs on it: calls, copies, and what changed during a call."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.signature import ArraySpec, Signature
from gradcheck.subject import (
    Array,
    Arrays,
    Backward,
    Evaluation,
    Forward,
    Mutation,
    Phase,
    Raised,
    frozen,
)

Make = Callable[[Arrays, Mapping[str, Any]], Any]
"""(parameters, options) -> a fresh instance that owns these arrays."""


class Unrunnable(Exception):
    """Carries the record of what the layer raised to the end of the script."""

    def __init__(self, raised: Raised) -> None:
        super().__init__(str(raised))
        self.raised = raised


@dataclass(frozen=True, slots=True)
class Calling:
    """How a layer is called: the order of its forward arguments, and where gradients appear.

    ``inputs`` are passed to forward by position, ``held`` go to the constructor; ``parameters`` are
    those of them that have a gradient. ``gradient_names`` lists, for each parameter,
    the attributes in which its gradient may be found after backward, most likely first;
    ``attributes`` is where the parameter itself may be found. ``source`` selects the frames of a
    traceback that belong to the layer's own file.
    """

    signature: Signature
    inputs: tuple[str, ...]
    held: tuple[str, ...]
    parameters: tuple[str, ...]
    gradient_names: Mapping[str, tuple[str, ...]]
    attributes: Mapping[str, tuple[str, ...]]
    passes_upstream: bool = True
    source: str = ""


class Instance:
    """A layer object under a script. Lends copies to the layer and watches them."""

    def __init__(
        self, make: Make, calling: Calling, options: Mapping[str, Any], watched: bool = True
    ) -> None:
        self.make, self.calling, self.options = make, calling, options
        self.watched = watched
        self.layer: Any = None
        self.lent: dict[str, Array] = {}
        self.given: dict[str, Array] = {}
        self.converted: dict[str, Array] = {}

    def forward(self, step: Forward) -> Evaluation:
        """Set the parameters, run forward on copies, and return the output."""
        calling = self.calling
        self.given = {name: np.asarray(array) for name, array in step.primals.items()}
        self.lent = {name: np.array(array) for name, array in self.given.items()}
        self._own({name: self.lent[name] for name in calling.held})
        arguments = [_lend(self.lent[name]) for name in calling.inputs]
        value = self._call("forward", self.layer.forward, arguments)
        outputs, missing = _outputs(value, calling.signature.outputs)
        return Evaluation(outputs, {}, missing, self._mutations("forward"))

    def backward(self, step: Backward) -> Evaluation:
        """Run backward on copies of the cotangents and collect the gradients."""
        lent = {name: np.array(given) for name, given in step.cotangents.items()}
        arguments = [_lend(one) for one in lent.values()] if self.calling.passes_upstream else []
        value = self._call("backward", self.layer.backward, arguments)
        gradients, missing = self._gradients(value)
        mutated = self._mutations("backward")
        for name, given in step.cotangents.items():
            if not _same(given, lent[name]):
                mutated = (*mutated, Mutation(name, "cotangent", "backward"))
        return Evaluation({}, gradients, missing, mutated)

    def _own(self, parameters: Arrays) -> None:
        if self.layer is None:
            self.layer = self._call("construct", self.make, [parameters, self.options])
            self._note_conversions()
            return
        for name, array in parameters.items():
            for attribute in self.calling.attributes[name]:
                if isinstance(getattr(self.layer, attribute, None), np.ndarray):
                    setattr(self.layer, attribute, array)
                    break

    def _note_conversions(self) -> None:
        """Take what a constructor made of a parameter (another dtype or shape) as the parameter."""
        for name in self.calling.parameters:
            held = (getattr(self.layer, one, None) for one in self.calling.attributes[name])
            array = next((one for one in held if isinstance(one, np.ndarray)), None)
            if array is not None and not _same(array, self.given[name]):
                self.converted[name] = array.copy()

    def _call(self, during: Phase, function: Callable[..., Any], arguments: Sequence[Any]) -> Any:
        try:
            return function(*arguments)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - their fault, told as a record
            raise Unrunnable(_raised(during, error, self.calling.source)) from None

    def _gradients(self, value: Any) -> tuple[dict[str, Array], dict[str, str]]:
        found, missing = _returned(value, self.calling)
        for name in (one for one in self.calling.parameters if one not in found):
            attributes = self.calling.gradient_names[name]
            held = (getattr(self.layer, attribute, None) for attribute in attributes)
            gradient = next((one for one in held if one is not None), None)
            if gradient is None:
                gradient = self._from_parallel_lists(name)
            if gradient is None:
                missing[name] = f"after backward the layer has no attribute {attributes[0]!r}"
            else:
                _collect(found, missing, name, gradient, f"the attribute {attributes[0]!r}")
        return found, missing

    def _from_parallel_lists(self, name: str) -> Any:
        """Return ``grads[i]`` where ``params[i]`` is the very array that was lent for ``name``."""
        params = getattr(self.layer, "params", None)
        grads = getattr(self.layer, "grads", None)
        if not isinstance(params, (list, tuple)) or not isinstance(grads, (list, tuple)):
            return None
        pairs = zip(params, grads, strict=False)
        return next((grad for param, grad in pairs if param is self.lent[name]), None)

    def _mutations(self, during: Phase) -> tuple[Mutation, ...]:
        if not self.watched:
            return ()
        changed = [name for name, array in self.given.items() if not _same(array, self.lent[name])]
        for name in self.calling.parameters:
            held = (getattr(self.layer, one, None) for one in self.calling.attributes[name])
            array = next((one for one in held if isinstance(one, np.ndarray)), None)
            before = self.converted.get(name, self.given[name])
            if array is not None and not _same(array, before):
                changed.append(name)
        roles = self.calling.signature.by_name
        mutations = tuple(
            Mutation(name, "parameter" if roles[name].role == "parameter" else "input", during)
            for name in dict.fromkeys(changed)
        )
        for name in changed:  # told once: the next step compares with the array as it is now
            self.given[name] = self.lent[name].copy()
            self.converted.pop(name, None)
        return mutations


def raised_while(during: Phase, error: BaseException, source: str) -> Raised:
    """Return the record of an exception of the layer's own."""
    return _raised(during, error, source)


def accepts(function: Any, count: int) -> bool:
    """Return whether ``function`` can be called with ``count`` positional arguments."""
    try:
        inspect.signature(function).bind(*range(count))
    except (TypeError, ValueError):
        return False
    return True


def _lend(array: Array) -> Any:
    """Return what forward gets: an array, or for 0-d the scalar that a person would pass."""
    return array if array.ndim else array[()]


def _outputs(value: Any, specs: Sequence[ArraySpec]) -> tuple[dict[str, Array], dict[str, str]]:
    found: dict[str, Array] = {}
    missing: dict[str, str] = {}
    values = value if isinstance(value, tuple) and len(specs) > 1 else (value,)
    for number, spec in enumerate(specs):
        one = values[number] if number < len(values) else None
        _collect(found, missing, spec.name, one, "forward")
    return found, missing


def _returned(value: Any, calling: Calling) -> tuple[dict[str, Array], dict[str, str]]:
    """Pair what backward returned with the inputs, by order; labels may have a place or none."""
    found: dict[str, Array] = {}
    missing: dict[str, str] = {}
    specs = [calling.signature.by_name[name] for name in calling.inputs]
    wanted = [one for one in specs if one.differentiable]
    values = list(value) if isinstance(value, (tuple, list)) else [value]
    if len(values) == len(specs) and len(specs) > len(wanted):
        values = [one for one, spec in zip(values, specs, strict=True) if spec.differentiable]
    if calling.parameters and len(values) == len(wanted) + len(calling.parameters):
        for name, one in zip(calling.parameters, values[len(wanted) :], strict=True):
            _collect(found, missing, name, one, "backward")  # (dx, dW, db) instead of attributes
    for number, spec in enumerate(wanted):
        if number < len(values):
            _collect(found, missing, spec.name, values[number], "backward")
        else:
            missing[spec.name] = (
                f"backward returned {len(values)} of the {len(wanted)} gradients of its inputs"
            )
    return found, missing


def _collect(
    found: dict[str, Array], missing: dict[str, str], name: str, value: Any, source: str
) -> None:
    """Keep ``value`` as the array ``name``, or say why it is none."""
    if value is None:
        missing[name] = (
            f"{source} returned None" if "attribute" not in source else f"{source} is None"
        )
        return
    array = np.asarray(value) if not isinstance(value, (tuple, dict, set, str)) else None
    if array is None or array.dtype.kind not in "fiub":
        missing[name] = f"{source} gave {type(value).__name__}, no array of real numbers"
        return
    found[name] = frozen(array)


def _same(a: Array, b: Array) -> bool:
    return a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))


def _raised(during: Phase, error: BaseException, source: str) -> Raised:
    frames = tuple(
        f"line {frame.lineno}, in {frame.name}: {frame.line}"
        for frame in traceback.extract_tb(error.__traceback__)
        if source and frame.filename == source
    )
    return Raised(during, type(error).__name__, str(error).strip(), frames)
