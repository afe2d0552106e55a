"""The thorough mode: as fast, then with more digits where the forward has them.

Resolution aimed at: 1e-9 of the gradient along a direction, 1e-10 / sqrt(n) in longdouble. Cost in
forward evaluations: those of fast, and 13 to 40 in longdouble, or 19 with the complex step, or up
to 72 in float64 alone.
"""

from __future__ import annotations

import numpy as np

from gradcheck.numerics.precision import complex_slopes, in_longdouble
from gradcheck.numerics.probe import Probe
from gradcheck.numerics.sketch import Sketch, sketch

FLOAT64_TARGET = 1e-9


def longdouble_target(probe: Probe) -> float:
    """Return the resolution aimed at in longdouble."""
    return max(1e-12, 1e-10 / float(np.sqrt(max(probe.x.size, 1))))


def finer_sketch(probe: Probe, rng: np.random.Generator) -> tuple[Probe, Sketch] | None:
    """Return the probe and sketch in longdouble, if both precisions tell the same story.

    The slopes are cross-checked in float64 along the same directions: a forward that does
    something else for another dtype is not believed.
    """
    fine = in_longdouble(probe)
    if fine is None:
        return None
    seen = sketch(fine, rng, target=longdouble_target(probe))
    coarse = sketch(probe, rng, directions=seen.directions)
    for a, b in zip(seen.estimates, coarse.estimates, strict=True):
        if not abs(a.value - b.value) <= a.error + b.error:
            return None
    return fine, seen


def complex_resolution(probe: Probe, seen: Sketch) -> float | None:
    """Return the resolution at which the complex step upholds the claim, or None.

    None also where it contradicts the difference or the claim: it sharpens a pass, and leaves
    accusing to differences.
    """
    found = complex_slopes(probe, seen.directions)
    if found is None:
        return None
    slopes, errors = found
    worst = 0.0
    for slope, error, claim, estimate in zip(
        slopes.tolist(), errors.tolist(), seen.claims, seen.estimates, strict=True
    ):
        bound = error + 8 * probe.roundoff_claim * estimate.magnitude
        if abs(slope - estimate.value) > error + estimate.error or abs(slope - claim) > bound:
            return None
        if estimate.magnitude == 0:
            return None
        worst = max(worst, bound / estimate.magnitude)
    return worst
