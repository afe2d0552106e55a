"""A claim that is off at one very point, where the function has no kink.

``np.where(x > 0, ..., np.where(x < 0, ..., 0))`` is right everywhere but at zero. There the claim
contradicts the difference, and everywhere beside it agrees; at a kink it may, for any slope between
the two sides is a subgradient. Without a kink the claims on all sides are one and the same number,
the difference at the point is that number too, and only the claim at the point is another.
"""

from __future__ import annotations

import numpy as np

from gradcheck.numerics.probe import Probe
from gradcheck.numerics.regression import Fit, fit
from gradcheck.numerics.rounding import Floats, root_sum_squares
from gradcheck.numerics.sketch import Sketch

_BESIDE = 8
_DISTANCE = 2.0**-26
_ALIKE = 2.0**-20  # of the size of the gradient: what curvature and rounding may change beside x
_OFF = 2.0**-10  # of it: far above any rounding
_STEPS = (2.0**-10, 2.0**-14)


def off_here_only(probe: Probe, seen: Sketch, rng: np.random.Generator) -> bool:
    """Return whether the claim jumps at the point itself, and the function does not.

    Told in float64 only: it stands on differences that have digits to spare.
    """
    if not probe.double or seen.floor is None:
        return False
    return any(_jumps(probe, seen.directions[k], seen.floor, rng) for k in seen.suspects)


def _jumps(probe: Probe, direction: Floats, floor: Floats, rng: np.random.Generator) -> bool:
    beside: list[float] = []
    size = 0.0
    for _ in range(_BESIDE):
        shift = _DISTANCE * probe.scale * rng.uniform(-1.0, 1.0, probe.x.shape)
        terms = probe.gradient_at(probe.centre + shift) * direction
        beside.append(float(terms.sum()))
        size = max(size, root_sum_squares(terms))
    slope = sum(beside) / _BESIDE
    if not size > 0 or max(beside) - min(beside) > _ALIKE * size:
        return False
    off = abs(probe.claim_along(direction) - slope)
    return off > _OFF * size and all(
        _agrees(fit(probe, direction, step, floor, rng), slope, _ALIKE * size, off)
        for step in _STEPS
    )


def _agrees(found: Fit, slope: float, room: float, off: float) -> bool:
    """Whether the difference at the point is the slope beside it, far more surely than off."""
    return (
        found.finite
        and abs(found.value - slope) <= found.error + room
        and found.error <= _OFF * off
    )
