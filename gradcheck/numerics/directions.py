"""Random directions in which a wrong element cannot hide.

Signs are random and magnitudes uniform in [1/2, 1). Plain signs would let two equal and opposite
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
_FEW = 1000
_BITS_DOUBLE, _BITS_SINGLE = 12, 5


def draw_directions(probe: Probe, rng: np.random.Generator, count: int = COUNT) -> Floats:
    """Return ``count`` directions, shape (count, *x.shape), in units of the probe's scale."""
    uniform = not any(probe.scale.strides)
    unit = float(probe.scale.max(initial=0.0)) if uniform else 1.0
    directions: Floats = _draw(probe, rng, count, unit)
    if not uniform:
        directions *= probe.scale
    return directions


def balanced(probe: Probe, plain: Floats) -> Floats:
    """Return a plain direction (without its scale), elements with large claimed gradients damped.

    ``|g_i v_i|`` becomes nearly equal for all i, so an error shows relative to its own element
    and not relative to the largest one. Stays plain where g is zero.
    """
    size = np.asarray(np.abs(probe.g))  # a 0-d array would become a number
    threshold = _BALANCE * root_sum_squares(size) / np.sqrt(max(size.size, 1))
    if not threshold > 0:
        return plain
    # In place from here on: this is done for every array, however large.
    damped: Floats = np.maximum(size, threshold, out=size)
    np.divide(threshold, damped, out=damped)
    np.maximum(damped, _DAMPING, out=damped)
    grid = 2.0 ** (_BITS_DOUBLE if probe.double else _BITS_SINGLE)
    damped *= plain
    damped *= grid
    np.rint(damped, out=damped)
    damped /= grid
    return damped


def greatest_damped(probe: Probe) -> float:
    """Bound ||g * v|| for every balanced v from above, at the price of two sums.

    No |g_i v_i| exceeds the threshold or the damping times |g_i|, whichever is more.
    """
    size = root_sum_squares(probe.g)
    return float(np.max(probe.scale, initial=0.0)) * (_BALANCE + _DAMPING) * size


def show_factors(probe: Probe, directions: Floats) -> None:
    """Turn the last direction, in place, where a wrong factor would cancel in all of them.

    A factor 1 + e on the whole gradient shows as e <g, v>, and is held against ||g * v||. With few
    elements the terms may cancel in every direction. Then the last one is given the signs of g,
    so that the terms add up. Among many elements three such cancellations never meet.
    """
    if probe.g.size > _FEW:
        return
    least = 1 / float(np.sqrt(max(probe.g.size, 1)))
    for direction in directions:
        terms = probe.g * direction
        if abs(float(terms.sum())) >= least * root_sum_squares(terms):
            return
    directions[-1] = np.copysign(directions[-1], probe.g)


def _draw(probe: Probe, rng: np.random.Generator, count: int, unit: float) -> Floats:
    """Return signs times magnitudes: one small integer an element looks both up in a table."""
    table = (_DOUBLE if probe.double else _SINGLE) * unit
    chosen = rng.integers(0, table.size, (count, *probe.x.shape), dtype=np.uint16)
    return table.take(chosen, mode="clip")  # in range by construction: no check of each


def _table(bits: int) -> Floats:
    """Return all magnitudes in [1/2, 1) of that many bits, with both signs: 2^bits of them."""
    magnitudes = np.arange(2 ** (bits - 1), 2**bits) / 2.0**bits
    return np.concatenate([magnitudes, -magnitudes])


_DOUBLE, _SINGLE = _table(_BITS_DOUBLE), _table(_BITS_SINGLE)
