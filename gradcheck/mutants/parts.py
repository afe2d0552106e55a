"""Parts of a situation: one sample of the batch, one place along a named axis."""

from __future__ import annotations

import numpy as np

from gradcheck.mutants.mutant import Formula
from gradcheck.mutants.situation import Situation
from gradcheck.signature import ArraySpec
from gradcheck.subject import Array, Arrays


def part(situation: Situation, axis: str, wanted: slice) -> Situation:
    """Return the situation of a part of the batch, or of another axis of that name.

    Raises
    ------
    ValueError
        No input has the axis.
    """
    form = situation.form
    if form is None or not any(axis in one.axes for one in form.inputs):
        raise ValueError(f"no axis {axis}")
    return situation.again(
        arrays=_cut(situation.arrays, form.arrays, axis, wanted),
        upstream=_cut(situation.upstream, form.outputs, axis, wanted),
    )


def _cut(
    arrays: Arrays, specs: tuple[ArraySpec, ...], axis: str, wanted: slice
) -> dict[str, Array]:
    found = {}
    for one in specs:
        keys = tuple(wanted if term == axis else slice(None) for term in one.axes)
        found[one.name] = arrays[one.name][keys] if axis in one.axes else arrays[one.name]
    return found


def parameters_of(axis: str, wanted: slice) -> Formula:
    """The student kept the gradients of the parameters for one part of the batch only."""

    def formula(situation: Situation) -> dict[str, Array]:
        gradients = part(situation, axis, wanted).gradients
        return {name: gradients[name] for name in situation.kind.parameters if name in gradients}

    return formula


def with_ones_upstream(situation: Situation) -> dict[str, Array]:
    """The student never multiplied by the upstream gradient."""
    ones = {name: np.ones_like(one) for name, one in situation.upstream.items()}
    return dict(situation.again(upstream=ones).gradients)
