"""Random directions in which a wrong element cannot hide.

Signs are random and magnitudes uniform in [1/2, 1]. Plain signs would let two equal and opposite
errors (swapped elements) cancel half of the time; Gaussian magnitudes would attenuate a single
wrong element. Magnitudes are rounded to a few bits and steps are powers of two, so every node
``x + d v`` is representable and no input rounding enters the difference.
"""

from __future__ import annotations

import numpy as np

from gradcheck.numerics.probe import Probe
from gradcheck.numerics.rounding import Floats, root_sum_squares

COUNT = 3
"""Directions per array: swapped elements escape one direction in 2 %, three in 0.001 %."""

_BALANCE = 2.0**-4  # elements above this fraction of the typical gradient are damped ...
_DAMPING = 2.0**-6  # ... by at most this factor


def draw_directions(probe: Probe, rng: np.random.Generator, count: int = COUNT) -> Floats:
    """Return ``count`` directions, shape (count, *x.shape), in units of the probe's scale."""
    signs = rng.choice(np.array([-1.0, 1.0]), (count, *probe.x.shape))
    directions: Floats = probe.scale * signs * _magnitudes(probe, rng, count)
    return directions


def balanced_direction(probe: Probe, rng: np.random.Generator) -> Floats:
    """Return one direction that damps elements with large claimed gradients.

    ``|g_i v_i|`` becomes nearly equal for all i, so an error shows relative to its own element
    and not relative to the largest one. Falls back to a plain direction where g is zero.
    """
    signs = rng.choice(np.array([-1.0, 1.0]), probe.x.shape)
    magnitudes = _magnitudes(probe, rng, 1)[0]
    size = np.abs(probe.g)
    threshold = _BALANCE * root_sum_squares(size) / np.sqrt(max(size.size, 1))
    if threshold > 0:
        damping = np.clip(threshold / np.where(size > 0, size, threshold), _DAMPING, 1.0)
        magnitudes = _round(magnitudes * damping, _bits(probe))
    direction: Floats = probe.scale * signs * magnitudes
    return direction


def _magnitudes(probe: Probe, rng: np.random.Generator, count: int) -> Floats:
    return _round(rng.uniform(0.5, 1.0, (count, *probe.x.shape)), _bits(probe))


def _bits(probe: Probe) -> int:
    return 12 if probe.double else 5


def _round(values: Floats, bits: int) -> Floats:
    rounded: Floats = np.round(values * 2.0**bits) / 2.0**bits
    return rounded
