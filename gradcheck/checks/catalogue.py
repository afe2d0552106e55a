"""The one table of checks: registered by being written here, in the order of the report."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from gradcheck.cases import Case
from gradcheck.checks import determinism, gradients, interface, linearity, purity, shapes, values
from gradcheck.errors import UsageError, nearest
from gradcheck.findings import Finding, Outcome
from gradcheck.subject import Subject

Category = Literal["certain", "suspicious", "style"]
Stage = Literal["preview", "stable"]
Function = Callable[[Subject, Case], Iterator["Finding | Outcome"]]


@dataclass(frozen=True, slots=True)
class Check:
    """A named fault. ``function`` is None where the fault is seen when the layer is read."""

    name: str
    code: str
    category: Category
    stage: Stage
    function: Function | None
    text: str = ""

    @property
    def documentation(self) -> str:
        """The text of ``gradcheck explain``."""
        return inspect.cleandoc(self.text or inspect.getdoc(self.function) or "")


CHECKS: tuple[Check, ...] = (
    Check(
        "layer-unusable",
        "GC000",
        "certain",
        "stable",
        None,
        """The layer could not be called, so nothing is known about it.

        What it finds: a constructor with arguments that no array or option of the kind of layer
        fits, or a forward that takes another number of inputs.
        Why it matters: a layer that was not checked must not look like one that passed.
        A wrong layer: none; this says that the tool needs a word more.
        How to repair it: give the argument a default, name the kind or the signature, or check an
        object: ``check_layer(instance, *inputs)``.
        Limits: exit code 2 where no layer of the files could be called, 1 beside others.
        """,
    ),
    Check(
        "method-misspelt",
        "GC001",
        "certain",
        "stable",
        None,
        """A method was meant to be ``forward`` or ``backward`` and is spelt otherwise.

        What it finds: a class with one of the two, and a near miss of the other.
        Why it matters: Python never says a word; the method is simply not there.
        A wrong layer: ``def foward(self, x)``.
        How to repair it: rename the method.
        Limits: only near misses are recognised.
        """,
    ),
    Check(
        "method-missing",
        "GC002",
        "certain",
        "stable",
        None,
        """A layer has forward or backward, but not both.

        What it finds: a class named like a known layer with only one of the two methods.
        Why it matters: without backward there is no gradient to train with.
        A wrong layer: an unfinished one.
        How to repair it: write the other method.
        Limits: classes whose name says nothing are passed over.
        """,
    ),
    Check(
        "constructor-never-ran",
        "GC003",
        "certain",
        "stable",
        None,
        """The constructor is misspelt, so it never runs.

        What it finds: a class without ``__init__`` and with a near miss of it.
        Why it matters: the parameters are never stored; the error comes later, from elsewhere.
        A wrong layer: ``def __int__(self, W, b)``, or ``_init_`` with single underscores.
        How to repair it: two underscores on each side: ``__init__``.
        Limits: only near misses are recognised.
        """,
    ),
    Check("layer-raises", "GC004", "certain", "stable", interface.layer_raises),
    Check(
        "forward-returns-nothing", "GC005", "certain", "stable", interface.forward_returns_nothing
    ),
    Check("forward-differs", "GC501", "certain", "stable", values.forward_differs),
    Check("input-gradient-wrong", "GC101", "certain", "stable", gradients.input_gradient_wrong),
    Check(
        "parameter-gradient-wrong",
        "GC102",
        "certain",
        "stable",
        gradients.parameter_gradient_wrong,
    ),
    Check("gradient-missing", "GC103", "certain", "stable", gradients.gradient_missing),
    Check("gradient-not-finite", "GC104", "certain", "stable", gradients.gradient_not_finite),
    Check("upstream-ignored", "GC201", "certain", "stable", linearity.upstream_ignored),
    Check("upstream-not-linear", "GC202", "certain", "stable", linearity.upstream_not_linear),
    Check("gradient-shape-wrong", "GC301", "certain", "stable", shapes.gradient_shape_wrong),
    Check("output-shape-wrong", "GC302", "certain", "stable", shapes.output_shape_wrong),
    Check("input-mutated", "GC401", "certain", "stable", purity.input_mutated),
    Check("upstream-mutated", "GC402", "certain", "stable", purity.upstream_mutated),
    Check("parameter-mutated", "GC403", "certain", "stable", purity.parameter_mutated),
    Check("not-deterministic", "GC601", "suspicious", "stable", determinism.not_deterministic),
)


def find_check(name: str) -> Check:
    """Return the check of this name or code.

    Raises
    ------
    UsageError
        There is none; the nearest name is offered.
    """
    for check in CHECKS:
        if name.lower() == check.name or name.upper() == check.code:
            return check
    names = [text for check in CHECKS for text in (check.name, check.code)]
    raise UsageError(f"no check {name!r}{nearest(name, names)}")


def selected(select: Sequence[str], ignore: Sequence[str]) -> tuple[Check, ...]:
    """Return the checks that a name, a code or a prefix of a code selects and none ignores."""
    for word in (*select, *ignore):
        if not any(_matches(check, word) for check in CHECKS):
            find_check(word)
    return tuple(
        check
        for check in CHECKS
        if (not select or any(_matches(check, word) for word in select))
        and not any(_matches(check, word) for word in ignore)
    )


def _matches(check: Check, word: str) -> bool:
    return word.lower() == check.name or check.code.startswith(word.upper())
