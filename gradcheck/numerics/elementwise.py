"""One element at a time: the numbers that a message shows, on a case that is small.

The verdict never comes from here. Each element is a direction of its own, run through the same
stencils and the same choice of steps, and each difference carries its own bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradcheck.numerics.estimates import contract, select
from gradcheck.numerics.probe import Probe
from gradcheck.numerics.rounding import Floats
from gradcheck.numerics.sketch import first_step
from gradcheck.numerics.stencil import stencil


@dataclass(frozen=True, slots=True)
class Elements:
    """The numerical gradient and its error bound, both like x; float64."""

    gradient: Floats
    error: Floats


def differentiate_elements(probe: Probe) -> Elements:
    """Return ``d<u, y> / dx_i`` for every element, from two steps of four evaluations each."""
    if probe.x.size == 0:
        return Elements(np.zeros(probe.x.shape), np.zeros(probe.x.shape))
    base = first_step(probe)
    directions = _basis(probe)
    stencils = [stencil(probe, directions, step) for step in (base * 2.0**5, base)]
    if not stencils[0].finite and probe.border is None:
        probe.shrink_scale()
        directions = _basis(probe)
        stencils = [stencil(probe, directions, step) for step in (base * 2.0**5, base)]
    _, kept, _ = select(probe, stencils, apart=True)
    scale = np.broadcast_to(probe.scale, probe.x.shape).ravel()
    found = contract(probe, kept, directions)
    # An element on the border of its domain has no room to move, and so no difference.
    with np.errstate(divide="ignore", invalid="ignore"):
        gradient = np.array([one.value for one in found]) / scale
        error = np.array([one.error for one in found]) / scale
    return Elements(gradient.reshape(probe.x.shape), error.reshape(probe.x.shape))


def _basis(probe: Probe) -> Floats:
    n = probe.x.size
    scale = np.broadcast_to(probe.scale, probe.x.shape).ravel()
    return (np.eye(n) * scale).reshape(n, *probe.x.shape)
