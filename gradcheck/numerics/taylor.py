"""The Taylor remainder: how fast the error of a linear model falls with the step.

    zeroth(h) = |f(x + h v) - f(x)|               = O(h)
    first(h)  = |f(x + h v) - f(x) - h <g, v>|    = O(h^2) with the right g, O(h) with a wrong one

On double-logarithmic axes the second line has slope 2 where g is right (the test of Manopt and
dolfin-adjoint). It is a picture for people and decides nothing: rounding bends the line at small
steps, curvature at large ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.numerics.rounding import Array, Floats, typical_scale, unit_roundoff

_CLEAR = 64.0  # a remainder below this multiple of the rounding of f says nothing


@dataclass(frozen=True, slots=True)
class TaylorRemainder:
    """Remainders over falling steps; ``order`` is the slope of ``first`` where it is clear.

    ``steps``, ``zeroth`` and ``first`` have one axis, (step). ``order`` is about 2 for a right
    gradient and 1 for a wrong one; nan where no two steps are clear of rounding (f is linear).
    """

    steps: Floats
    zeroth: Floats
    first: Floats
    order: float


def taylor_remainder(
    f: Callable[[Array], Any],
    gradient: Array,
    x: Array,
    direction: Array | None = None,
    *,
    count: int = 16,
) -> TaylorRemainder:
    """Return the Taylor remainders of the scalar ``f`` at ``x`` with the claimed ``gradient``.

    Parameters
    ----------
    f
        ``f(x)`` -> one real number.
    gradient, x
        Arrays of the same shape, floating point.
    direction
        Like x; by default random signs (from a fixed seed) times the scale of x.
    count
        How many steps: 2^-2, 2^-4, ..., in units of ``direction``.

    Raises
    ------
    ValueError
        The shapes differ.
    """
    x, gradient = np.asarray(x), np.asarray(gradient)
    if direction is None:
        signs = np.random.default_rng(0).choice(np.array([-1.0, 1.0]), x.shape)
        direction = typical_scale(x) * signs
    direction = np.asarray(direction, dtype=x.dtype)
    if not x.shape == gradient.shape == direction.shape:
        raise ValueError(
            f"x, gradient and direction need one shape; got {x.shape}, {gradient.shape} and "
            f"{direction.shape}"
        )
    steps = 2.0 ** -np.arange(2.0, 2.0 * count + 1, 2.0)
    base = float(f(x.copy()))
    slope = float((gradient * direction).sum())
    rise = np.array([float(f(x + step * direction)) - base for step in steps])
    first = np.abs(rise - steps * slope)
    floor = _CLEAR * unit_roundoff(x.dtype) * max(abs(base), float(np.abs(rise).max()))
    return TaylorRemainder(steps, np.abs(rise), first, _order(steps, first, floor))


def _order(steps: Floats, first: Floats, floor: float) -> float:
    """Return the median slope between neighbouring steps that are clear of rounding."""
    clear = (first[:-1] > floor) & (first[1:] > floor)
    if not clear.any():
        return float("nan")
    rise = np.log2(first[:-1][clear] / first[1:][clear])
    run = np.log2(steps[:-1][clear] / steps[1:][clear])
    return float(np.median((rise / run)[-6:]))  # the smallest clear steps: least curvature
