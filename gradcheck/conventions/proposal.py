"""What a convention proposes: how a thing might be called, before anything of it has run.

Names and arities decide what each argument stands for; shapes, parameters and the places of
gradients are found by trying (:mod:`gradcheck.conventions.trial`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from gradcheck.conventions import vocabulary as names
from gradcheck.conventions.arguments import Argument, Cache, Call, Fixed, Lent, Output, Upstream
from gradcheck.conventions.surface import Parameter
from gradcheck.signature import ArraySpec

Role = Literal["data", "label", "ids", "state", "mask", "array"]
"""``array`` is a parameter that is passed to forward, as functions have it."""

RATE = 2.0**20
"""The learning rate with which a hidden gradient is applied; see :class:`wiring.Change`."""


class IdentityActivation:
    """The activation that a loss is told to have been behind: none."""

    def __call__(self, z: Any) -> Any:
        """Return z."""
        return z

    fn = forward = __call__

    def grad(self, z: Any) -> Any:
        """Return the derivative, one."""
        return np.ones_like(z)

    gradient = derivative = grad


@dataclass(frozen=True)
class Slot:
    """One array that forward is given."""

    name: str
    role: Role


@dataclass(frozen=True)
class Proposal:
    """One way in which a class or a group of functions might be a layer.

    ``cls`` is what must be constructed, None for functions. ``outputs`` are names for what forward
    returns. ``gradient_in_forward`` says that forward returns (loss, gradients) at once,
    ``rate`` that backward applies the gradients itself. ``forms`` are the axes and domains of the
    slots where the convention knows them: then no others are tried.
    """

    convention: str
    title: str
    symbol: str
    slots: tuple[Slot, ...]
    forward: tuple[Call, ...]
    backward: tuple[Call, ...]
    outputs: tuple[str, ...] = ("y",)
    cls: type[Any] | None = None
    functions: tuple[Callable[..., Any], ...] = ()
    upstream_name: str = "the upstream gradient"
    gradient_in_forward: bool = False
    rate: float | None = None
    options: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    forms: tuple[tuple[ArraySpec, ...], ...] = ()

    @property
    def upstream(self) -> bool:
        """Whether backward is given the upstream gradient."""
        return any(isinstance(a, Upstream) for call in self.backward for a in call.arguments)

    @property
    def is_loss(self) -> bool:
        """Whether forward takes labels."""
        return any(slot.role == "label" for slot in self.slots)


def bind_forward(
    parameters: Sequence[Parameter], *, loss: bool, arrays: bool = False
) -> tuple[tuple[Slot, ...], tuple[Argument, ...]] | None:
    """Return the arrays that forward takes and how they are passed, None where unclear.

    ``loss`` lets a second argument be a label; ``arrays`` lets arguments be parameters.
    """
    slots: list[Slot] = []
    arguments: list[Argument] = []
    for one in parameters:
        if one.many:
            if not slots:
                slots.append(Slot(one.name, "data"))
                arguments.append(Lent(one.name))
            break
        content = _constant(one)
        if content is not None:
            if (
                one.required
                or not isinstance(one.default, bool)
                or one.default is not content.content
            ):
                arguments.append(content)
            else:
                arguments.append(Fixed(one.default))
        elif one.required or (not slots and one.default is None):
            role = _role(one, slots, loss=loss, arrays=arrays)
            slots.append(Slot(one.name, role))
            arguments.append(Lent(one.name))
        else:
            break  # optional arguments keep their defaults
    if loss and len(slots) > 1 and not any(slot.role == "label" for slot in slots):
        # A loss compares its first argument with the others, whatever they are called.
        slots[1:] = [Slot(slot.name, "label") for slot in slots[1:]]
    return (tuple(slots), tuple(arguments)) if slots else None


def bind_backward(
    parameters: Sequence[Parameter],
    slots: Sequence[Slot],
    outputs: Sequence[str],
    *,
    cache: bool = False,
    local: bool = False,
) -> tuple[Argument, ...] | None:
    """Return what to pass to each argument of backward, None where one cannot be told.

    A ``local`` derivative is asked at a point, so an argument of no known name is the input.
    """
    required = [one for one in parameters if one.required and not one.many]
    extra = [one for one in parameters if not one.required and not one.many]
    if not required and (extra or any(one.many for one in parameters)):
        first = next((one for one in extra if names.is_upstream(one.name)), None)
        if first is not None and extra[0] == first:
            return (Upstream(outputs[0]),)
        return () if extra else tuple(Upstream(name) for name in outputs)
    bound: list[Argument] = []
    waiting = list(outputs)
    point = next((slot for slot in slots if slot.role == "data"), None)
    for number, one in enumerate(required):
        rate = names.plain(one.name) in names.RATES  # eta, which some call the upstream gradient
        if local and point and len(required) == 1 and not (rate or names.is_upstream(one.name)):
            return (Lent(point.name),)
        found = _meaning(one, number, required, slots, waiting, outputs, cache=cache)
        if found is None:
            return None
        bound.append(found)
    return tuple(bound)


def count_upstreams(parameters: Sequence[Parameter], slots: Sequence[Slot], *, cache: bool) -> int:
    """Return how many upstream gradients backward asks for, by the names of its arguments."""
    given = {slot.name for slot in slots}
    asked = [
        one
        for one in parameters
        if one.required
        and names.is_upstream(one.name)
        and one.name not in given
        and names.plain(one.name) not in names.RATES - names.UPSTREAM
    ]
    return max(1, len(asked))


def output_names(slots: Iterable[Slot], count: int) -> tuple[str, ...]:
    """Return names for the outputs that no input has."""
    taken = {slot.name for slot in slots}
    free = next(name for name in ("y", "out", "output", "result", "y_") if name not in taken)
    return (free,) if count == 1 else tuple(f"{free}{number}" for number in range(count))


def speaks_of_loss(symbol: str) -> bool:
    """Return whether a name is that of a loss."""
    word = names.plain(symbol)
    parts = ("loss", "entropy", "mse", "criterion", "error", "nll", "hinge", "cost", "divergence")
    return any(part in word for part in parts)


def _constant(one: Parameter) -> Fixed | None:
    """Return the value of an argument that is no array: a switch, a mode, a learning rate."""
    word = names.plain(one.name)
    if word in names.TRAINING:
        return Fixed(True)
    if word in names.EVALUATION:
        return Fixed(False)
    if word == "mode" and one.required:
        return Fixed("train")
    return None


def _role(one: Parameter, slots: Sequence[Slot], *, loss: bool, arrays: bool) -> Role:
    word = names.plain(one.name)
    if word in names.MASKS:
        return "mask"
    if word in names.IDS:
        return "ids"
    if (loss and word in names.TARGETS) or names.is_target(one.name):
        return "label"
    weighted = any(slot.role == "array" for slot in slots)
    sure = names.WEIGHTS - {"filter", "table"} | {"bias", "biases", "gamma", "beta"}
    learned = word in sure or (weighted and word in names.BIASES)
    if slots and (learned or (arrays and word not in names.STATES)):
        return "array"
    if slots and word in names.STATES:
        return "state"
    return "data"


def _meaning(
    one: Parameter,
    number: int,
    required: Sequence[Parameter],
    slots: Sequence[Slot],
    waiting: list[str],
    outputs: Sequence[str],
    *,
    cache: bool,
) -> Argument | None:
    word = names.plain(one.name)
    by_name = {names.plain(slot.name): slot for slot in slots}
    if cache and (word in names.CACHES or number == len(required) - 1):
        return Cache()
    if word in names.RATES and number > 0:
        return Fixed(RATE)
    if word in names.TRAINING:
        return Fixed(True)
    earlier = any("prev" in names.plain(other.name) for other in required if other is not one)
    if word in by_name and by_name[word].role == "state" and earlier:
        return Output(outputs[0])  # backward(delta, h, h_prev): h is what the cell gave
    if word in by_name and not (word in names.UPSTREAM and by_name[word].role == "data"):
        return Lent(by_name[word].name)
    if names.is_upstream(one.name) and waiting:
        return Upstream(waiting.pop(0))
    return _elsewhere(word, number, required, slots, waiting, outputs)


def _elsewhere(
    word: str,
    number: int,
    required: Sequence[Parameter],
    slots: Sequence[Slot],
    waiting: list[str],
    outputs: Sequence[str],
) -> Argument | None:
    """Return the meaning of an argument that is neither upstream gradient nor a known name."""
    others = any(names.is_upstream(other.name) for other in required)
    if word in names.ACTIVATIONS and number > 0:
        return Fixed(IdentityActivation())
    if word in ("z", "preactivation", "linear") and len(required) > 2 and slots:
        return Lent(next((slot.name for slot in slots if slot.role == "data"), slots[0].name))
    data = [slot for slot in slots if slot.role == "data"]
    label = next((slot for slot in slots if slot.role == "label"), None)
    if word in names.TARGETS and label is not None:
        return Lent(label.name)
    if label is not None and len(required) == 2 and word in names.PREDICTIONS:
        return Lent(data[0].name) if data else None
    if others and word in ("output", "outputs", "out", "y", "ht", "z", "h"):
        return Output(outputs[0])
    if others and word in ("input", "inputs", "x", "x0", "a", "hprevl", "xin", "inp"):
        return Lent(data[0].name) if data else None
    state = [slot for slot in slots if slot.role == "state"]
    if others and word in names.STATES and state:
        return Lent(state[0].name)
    if waiting and len(required) == 1:
        return Upstream(waiting.pop(0))
    if waiting and number == 0 and not others:
        return Upstream(waiting.pop(0))
    return None
