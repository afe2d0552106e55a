"""``Situation``: a right call of a reference layer, at which mistakes are tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gradcheck.errors import SignatureError
from gradcheck.kinds import Kind
from gradcheck.signature import Signature
from gradcheck.subject import Array, Arrays


@dataclass(frozen=True, eq=False)
class Situation:
    """A right call of a reference layer.

    All names are the kind's own; ``upstream`` has the cotangents by name of the output, and the
    gradients are the right ones.
    """

    kind: Kind
    arrays: Arrays
    options: Mapping[str, Any]
    upstream: Arrays
    outputs: Arrays
    gradients: Arrays

    @property
    def dout(self) -> Array:
        """The upstream gradient of the first output, which mostly is the only one."""
        return next(iter(self.upstream.values()))

    @property
    def y(self) -> Array:
        """The first output."""
        return next(iter(self.outputs.values()))

    @cached_property
    def form(self) -> Signature | None:
        """The form of the kind that has these arrays, for the names of their axes."""
        return _form(self.kind, self.arrays, self.options)

    def again(
        self,
        *,
        arrays: Arrays | None = None,
        upstream: Arrays | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Situation:
        """Return the situation with some arrays, cotangents and options replaced.

        Raises
        ------
        ValueError
            The reference refuses them.
        """
        found = situation_of(
            self.kind,
            {**self.arrays, **(arrays or {})},
            {**self.options, **(options or {})},
            {**self.upstream, **(upstream or {})},
        )
        if found is None:
            raise ValueError(f"the reference of {self.kind.name} refuses the situation")
        return found


def situation_of(
    kind: Kind, arrays: Arrays, options: Mapping[str, Any], upstream: Arrays
) -> Situation | None:
    """Run the reference layer of ``kind``; None where there is none, or it refuses."""
    form = _form(kind, arrays, options)
    if kind.reference is None or form is None:
        return None
    held = {name: arrays[name] for name in kind.parameters if name in arrays}
    given = [one.name for one in form.arrays if one.name not in held]
    with np.errstate(all="ignore"):
        try:
            layer = kind.reference(**held, **options)
            returned = layer.forward(*(arrays[name] for name in given))
            outputs = _named([one.name for one in form.outputs], returned)
            answered = layer.backward(*(upstream[name] for name in outputs))
        except (TypeError, ValueError, IndexError, KeyError):  # how it refuses
            return None
    differentiable = {one.name for one in form.differentiable}
    gradients = _named([name for name in given if name in differentiable], answered)
    for name in held:
        if name in differentiable:
            gradients[name] = np.asarray(getattr(layer, f"d{name}"))
    ordered = {one.name: arrays[one.name] for one in form.arrays}
    return Situation(
        kind, ordered, dict(options), {name: upstream[name] for name in outputs}, outputs, gradients
    )


def _named(names: list[str], returned: object) -> dict[str, Array]:
    several = returned if isinstance(returned, tuple) else (returned,)
    return {
        name: np.asarray(one) for name, one in zip(names, several, strict=False) if one is not None
    }


def _form(kind: Kind, arrays: Arrays, options: Mapping[str, Any]) -> Signature | None:
    """Return the first form whose arrays are these, and whose axes fit their shapes.

    Where axes fit no form, that of the right numbers of axes: layers take more than their forms
    tell, such as padding that differs between rows and columns.
    """
    shapes = {name: np.shape(one) for name, one in arrays.items()}
    ranks = {name: len(shape) for name, shape in shapes.items()}
    known = {name: value for name, value in options.items() if isinstance(value, int)}
    alike = [
        form
        for form in kind.forms
        if {one.name: len(one.axes) for one in form.arrays} == ranks and form.holds_for(options)
    ]
    for form in alike:
        try:
            form.bind(shapes, known)
        except SignatureError:
            continue
        return form
    return alike[0] if alike else None
