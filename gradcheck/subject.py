"""``Subject``: the one joint between how people write layers and how layers are checked.

A subject answers scripts over **named arrays**. Everything left of it knows how the layer was
written and nothing of checking; everything right of it knows checking and nothing of how the
layer was written. A call is self-contained: a script runs on a fresh instance, and what only the
adapter can observe (which arrays changed during a call, what was raised) travels back in the
:class:`Evaluation`. So no hidden state crosses the joint, and a script is one message to a
worker.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from gradcheck.signature import Signature

if TYPE_CHECKING:
    from gradcheck.meaning import Meaning
    from gradcheck.output_shapes import OutputShapes

Array = npt.NDArray[Any]
Arrays = Mapping[str, Array]
Phase = Literal["construct", "forward", "backward"]


@dataclass(frozen=True, slots=True)
class Forward:
    """Run forward on instance number ``instance``; parameters in ``primals`` are set first.

    ``layout`` (of :data:`gradcheck.layouts.LAYOUTS`) is how the arrays lie in memory. With a
    ``start``, NumPy's global generator is seeded so right before the call, and asked for its next
    draw right after it.
    """

    primals: Arrays
    instance: int = 0
    layout: str = "given"
    start: int | None = None


@dataclass(frozen=True, slots=True)
class Backward:
    """Run backward with the cotangents of the outputs, by name of the output.

    ``profiled`` asks what runs inside the call.
    """

    cotangents: Arrays
    instance: int = 0
    layout: str = "given"
    profiled: bool = False


@dataclass(frozen=True, slots=True)
class Spoil:
    """Write other values into what forward returned, as a next layer in place would."""

    instance: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """Read the gradients of the parameters once more, as an optimiser does some time later."""

    instance: int = 0


Step = Forward | Backward | Spoil | Look
Script = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Mutation:
    """An array that the layer changed although it was only lent to it, or already handed out."""

    array: str
    role: Literal["input", "parameter", "cotangent", "output", "gradient"]
    during: Phase


@dataclass(frozen=True, slots=True)
class Alias:
    """A result that lies in the memory of an array that was lent to the layer."""

    result: str
    role: Literal["output", "gradient"]
    of: str
    of_role: Literal["input", "parameter", "cotangent"]


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception of the layer's own: type, text, and the frames in the layer's file."""

    during: Phase
    type: str
    message: str
    frames: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether the layer said in its own words that it does not take this (raise, assert)."""
        last = self.frames[-1].partition(": ")[2] if self.frames else ""
        return self.during != "backward" and last.startswith(("raise ", "assert "))

    def __str__(self) -> str:
        return f"{self.type}: {self.message}" if self.message else self.type


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one step of a script gave.

    ``outputs`` (of a forward) and ``gradients`` (of a backward) are read-only arrays by name;
    what the layer did not deliver is missing there and told in ``missing`` (array name -> why).
    ``unset`` names parameters that a layer does not show, so that it may not have got new values.
    ``resettable`` says that the layer has a method which sets gradients to zero.
    Of a profiled backward ``forward_calls`` counts the calls of forward inside it, ``packages``
    names whose functions ran. ``next_draw`` is what NumPy's global generator gives after a forward
    that was given a ``start``, a positive number.
    """

    outputs: Arrays = field(default_factory=dict)
    gradients: Arrays = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    mutated: tuple[Mutation, ...] = ()
    warnings: tuple[str, ...] = ()
    raised: Raised | None = None
    aliases: tuple[Alias, ...] = ()
    forward_calls: int = 0
    packages: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    resettable: bool = True
    next_draw: int = 0


@dataclass(frozen=True, slots=True)
class Words:
    """How the file under check names what we call primal, gradient and cotangent."""

    arrays: Mapping[str, str] = field(default_factory=dict)
    gradients: Mapping[str, str] = field(default_factory=dict)
    upstream: str = "the upstream gradient"

    def array(self, name: str) -> str:
        """Return the layer's own name of an array."""
        return self.arrays.get(name, name)

    def gradient(self, name: str) -> str:
        """Return the layer's own name of the gradient of an array."""
        return self.gradients.get(name, f"d{name}")


@dataclass(frozen=True, slots=True)
class Defect:
    """A fault of the interface, seen when the layer was read, that keeps it from running."""

    check: str
    headline: str
    detail: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Where a subject comes from and what was assumed in reading it."""

    symbol: str
    convention: str
    source: str = ""
    line: int | None = None
    kind: str | None = None
    assumptions: Mapping[str, str] = field(default_factory=dict)
    words: Words = field(default_factory=Words)
    defects: tuple[Defect, ...] = ()


class Subject(ABC):
    """A layer, or whatever has a forward and a backward, over named arrays.

    ``forms`` are the signatures under which it can be called, the usual one first; ``options``
    are the constructor options that may be varied, each with its values, the default first;
    ``fixed_axes`` are sizes that the subject was built for; ``constraints`` are comparisons of
    axes and options that legal cases satisfy; ``meanings`` how the forms of a layer that is not
    written like its reference are those of its kind; ``unit_upstream`` says that the backward
    assumes an upstream gradient of one, ``takes_upstream`` that it is given any, ``repeatable``
    that the same call gives the same, ``updates`` that backward changes the parameters by
    convention, ``accumulation`` whether gradients of parameters were said to ``add`` up or to
    ``overwrite`` those before, ``probed`` that its shapes were found by trying: sizes which it
    refuses in its own words are then none of its own; ``output_shapes`` learns how the outputs look
    that a form leaves open, for whom it helps to ask for the backward together with the forward.
    """

    identity: Identity
    forms: tuple[Signature, ...] = ()
    fixed_axes: Mapping[str, int] = {}
    options: Mapping[str, tuple[Any, ...]] = {}
    constraints: tuple[str, ...] = ()
    meanings: Mapping[Signature, Meaning] = {}
    unit_upstream: bool = False
    takes_upstream: bool = True
    repeatable: bool = True
    updates: bool = False
    accumulation: str = ""
    probed: bool = False
    output_shapes: OutputShapes | None = None

    @abstractmethod
    def run(
        self, script: Script, options: Mapping[str, Any] | None = None
    ) -> tuple[Evaluation, ...]:
        """Run the steps on fresh instances, one evaluation each; stops after one that raised."""

    def forward(self, primals: Arrays, options: Mapping[str, Any] | None = None) -> Evaluation:
        """Return the outputs at ``primals``."""
        return self.run((Forward(primals),), options)[-1]

    def vjp(
        self, primals: Arrays, cotangents: Arrays, options: Mapping[str, Any] | None = None
    ) -> Evaluation:
        """Return outputs and gradients: forward at ``primals``, then backward, on one instance."""
        steps = self.run((Forward(primals), Backward(cotangents)), options)
        return merged(steps)

    def forward_many(
        self, points: Sequence[Arrays], options: Mapping[str, Any] | None = None
    ) -> list[Evaluation]:
        """Return the outputs at many points; a far subject answers them in one message."""
        return [self.forward(primals, options) for primals in points]

    def run_many(
        self, scripts: Sequence[Script], options: Mapping[str, Any] | None = None
    ) -> list[tuple[Evaluation, ...]]:
        """Run several scripts, each on instances of its own; a far subject needs one message."""
        return [self.run(script, options) for script in scripts]

    def foresee(  # noqa: B027 nothing to do is right for most
        self, scripts: Callable[[], Iterable[Script]], options: Mapping[str, Any] | None = None
    ) -> None:
        """Be told what will most likely be asked next, in place of what was told before.

        A far subject asks for it along with the next question and keeps the answers, one for each
        time that it is asked for; here nothing waits for a message, so nothing is done.
        """

    def attest(self) -> None:  # noqa: B027 - most have nothing to add
        """See that what it answered until now is what the layer gives, in no other process either.

        A subject whose code runs beside the checks has no other process to ask.

        Raises
        ------
        LayerFault
            It is not.
        """


def merged(steps: Sequence[Evaluation]) -> Evaluation:
    """Return one evaluation with the outputs of a forward and the gradients of its backward."""
    first, last = steps[0], steps[-1]
    return Evaluation(
        first.outputs,
        last.gradients,
        {**first.missing, **last.missing},
        tuple(mutation for one in steps for mutation in one.mutated),
        tuple(warning for one in steps for warning in one.warnings),
        last.raised,
        tuple(alias for one in steps for alias in one.aliases),
        last.forward_calls,
        last.packages,
        first.unset,
        first.resettable,
    )


def frozen(array: Any) -> Array:
    """Return a read-only copy, so that no reader of an evaluation can change what others read."""
    copy = np.array(array)
    copy.flags.writeable = False
    return copy
