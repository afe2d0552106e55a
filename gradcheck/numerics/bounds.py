"""From roughness to an error bound for every output, direction and step.

The error of a five-point slope is bounded by ``SAFETY * 0.95 * sigma / d``. For sigma an output
takes the largest of three things that were measured at the same nodes: the rounding of its own
value, the roughness pooled over all directions (a hidden inner rounding is integer valued in
units of its own ulp, so a single direction shows exactly zero in three cases of a hundred), and,
where the roughness stands out of the rounding (``flagged``: truncation, a kink or hidden noise),
its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gradcheck.numerics.rounding import Bools, Floats, root_mean_squares
from gradcheck.numerics.stencil import Stencil

SAFETY = 6.0
"""Covers a kink inside the stencil 1.8 times and noise in all of 100,800 measured directions."""
STANDS_OUT = 30.0
"""Roughness above this multiple of the rounding is something else than rounding."""
NOISE_GAIN = 0.95  # standard deviation of the five-point slope, in units of sigma / d


@dataclass(frozen=True, slots=True)
class Bounded:
    """A stencil with its bounds; arrays have axes (direction, output)."""

    stencil: Stencil
    error: Floats
    noise: Floats
    flagged: Bools
    kinked: Bools


def bounded(stencil: Stencil, floor: Floats, *, apart: bool = False) -> Bounded:
    """Return ``stencil`` with an error bound for each of its slopes.

    ``apart`` is for directions that touch different elements: there a kink of one says nothing
    about the others: outputs are flagged for each direction alone, and the noise is that of the
    directions that are not.
    """
    rough = stencil.roughness
    known = np.where(np.isfinite(rough), rough, 0.0)
    if apart:
        flagged = ~(rough <= STANDS_OUT * floor)
        share = np.sqrt(np.maximum((~flagged).mean(axis=0), 1 / len(rough)))
        pooled = np.maximum(root_mean_squares(np.where(flagged, 0.0, known)) / share, floor)
        quiet: Floats = pooled
    else:
        flagged = np.broadcast_to(~(rough <= STANDS_OUT * floor).all(axis=0), rough.shape)
        pooled = np.maximum(root_mean_squares(known), floor)
        quiet = np.maximum(np.where(flagged, 0.0, rough).max(axis=0), floor)
    sigma = np.where(flagged, np.maximum(rough, pooled), pooled)
    gain = SAFETY * NOISE_GAIN / stencil.step
    noise = np.broadcast_to(gain * quiet, rough.shape)
    return Bounded(stencil, gain * sigma, noise, flagged, np.zeros(rough.shape, dtype=bool))


def raised_floor(stencils: Sequence[Stencil], floor: Floats) -> Floats:
    """Return the noise of each output, raised where roughness does not shrink with the step.

    Truncation and kinks fade as the step shrinks by the ratio q (at least like q); what falls by
    less than sqrt(q) is noise of the forward. An output that is bitwise constant at the smaller
    step although it had a slope at the larger one sits on a plateau of a hidden rounding.
    """
    ordered = sorted(stencils, key=lambda one: -one.step)
    for coarse, fine in itertools.pairwise(ordered):
        shrinkage = float(np.sqrt(coarse.step / fine.step))
        for a, b, coarse_slope, flat in zip(
            coarse.roughness, fine.roughness, coarse.slope, fine.constant, strict=True
        ):
            stands_out = np.isfinite(a) & (a > STANDS_OUT * floor)
            persists = stands_out & np.isfinite(b) & (b > a / shrinkage)
            plateau = stands_out & flat & (np.abs(coarse_slope) * coarse.step > 4 * a)
            floor = np.where(persists, np.maximum(floor, np.minimum(a, b)), floor)
            floor = np.where(plateau, np.maximum(floor, a), floor)
    return floor


def with_kinks(steps: Sequence[Bounded]) -> list[Bounded]:
    """Mark outputs that have a kink at the point itself; ``steps`` in falling order.

    One-sided slopes that differ by the same gap at two steps belong to a kink at (or within d/32
    of) the point. There every value between the left and the right slope is legal, so the bound
    becomes half the gap (0.51, for the gap's own error) instead of the stencil's roughness.
    """
    marked = list(steps[:1])
    for coarse, fine in itertools.pairwise(steps):
        gap = np.abs(fine.stencil.gap)
        with np.errstate(invalid="ignore"):
            steady = np.abs(coarse.stencil.gap - fine.stencil.gap) <= 0.02 * gap + 8 * (
                coarse.noise + fine.noise
            )
            straight = np.abs(fine.stencil.third) <= fine.stencil.step * (
                0.02 * gap + 8 * fine.noise
            )
        kinked = coarse.flagged & fine.flagged & steady & straight & (gap > 16 * fine.noise)
        hull = np.minimum(fine.error, 0.51 * gap + 2 * fine.noise)
        error = np.where(kinked, hull, fine.error)
        marked.append(Bounded(fine.stencil, error, fine.noise, fine.flagged, kinked))
    return marked
