"""One element at a time: the numbers that a message shows, on a case that is small.

The verdict never comes from here. Each element is a direction of its own, run through the same
stencils and the same choice of steps, and each difference carries its own bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gradcheck.numerics.estimates import contract, select
from gradcheck.numerics.probe import Probe
from gradcheck.numerics.rounding import Floats
from gradcheck.numerics.sketch import first_step
from gradcheck.numerics.stencil import stencil

_MOST_VALUES = 2**20  # inputs and outputs held at once: the elements are taken in blocks


@dataclass(frozen=True, slots=True)
class Elements:
    """The numerical gradient and its error bound, both like x; float64."""

    gradient: Floats
    error: Floats


def differentiate_elements(probe: Probe, only: Sequence[tuple[int, ...]] | None = None) -> Elements:
    """Return ``d<u, y> / dx_i`` for every element, from two steps of four evaluations each.

    With ``only`` these elements are differenced and all others are nan.
    """
    wanted = np.arange(probe.x.size)
    if only is not None:
        wanted = np.array([np.ravel_multi_index(one, probe.x.shape) for one in only], dtype=int)
    gradient, error = (np.full(probe.x.size, np.nan) for _ in range(2))
    block = max(1, _MOST_VALUES // max(probe.x.size, probe.y0.size, 1))
    for start in range(0, wanted.size, block):
        part = wanted[start : start + block]
        gradient[part], error[part] = _differences(probe, part)
    return Elements(gradient.reshape(probe.x.shape), error.reshape(probe.x.shape))


def _differences(probe: Probe, wanted: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Return derivative and error bound of the elements ``wanted`` (flat indices)."""
    base = first_step(probe)
    directions = _basis(probe, wanted)
    stencils = [stencil(probe, directions, step) for step in (base * 2.0**5, base)]
    if not stencils[0].finite and probe.border is None:
        probe.shrink_scale()
        directions = _basis(probe, wanted)
        stencils = [stencil(probe, directions, step) for step in (base * 2.0**5, base)]
    _, kept, _ = select(probe, stencils, apart=True)
    scale = np.broadcast_to(probe.scale, probe.x.shape).ravel()[wanted]
    found = contract(probe, kept, directions)
    # An element on the border of its domain has no room to move, and so no difference.
    with np.errstate(divide="ignore", invalid="ignore"):
        gradient = np.array([one.value for one in found]) / scale
        error = np.array([one.error for one in found]) / scale
    return gradient, error


def _basis(probe: Probe, wanted: npt.NDArray[np.intp]) -> Floats:
    basis = np.zeros((wanted.size, probe.x.size))
    scale = np.broadcast_to(probe.scale, probe.x.shape).ravel()
    basis[np.arange(wanted.size), wanted] = scale[wanted]
    return basis.reshape(wanted.size, *probe.x.shape)
