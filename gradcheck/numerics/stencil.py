"""Five values along a line: the slope, and how much it can be wrong.

With s = y(d) - y(-d) etc., per output and without contraction (the difference of two large sums
loses digits that the sum of small differences keeps):

    o1 = (y(d) - y(-d)) / 2         o2 = (y(2d) - y(-2d)) / 2
    slope      (8 o1 - o2) / (6 d)                         error O(d^4) plus 0.95 sigma / d
    third      o2 - 2 o1                       = y''' d^3 plus noise of variance 2.5 sigma^2
    fourth     y(2d) - 4 y(d) + 6 y0 - 4 y(-d) + y(-2d)
                                               = y'''' d^4 plus noise of variance 70 sigma^2
    gap        (4 s1 - s2) / (2 d),  s1 = y(d) + y(-d) - 2 y0,  s2 likewise at 2 d
                                               right slope minus left slope, curvature removed

(Taylor's series at the five nodes; sigma is the standard deviation of the round-off of y.)

    roughness  r = sqrt(third^2 / 5 + fourth^2 / 140)

estimates sigma with two degrees of freedom where y is smooth at the scale d. Where it is not,
``third / d`` is of order d^2 while the slope is wrong only by d^4, and for a single kink inside
the stencil |slope error| <= |third| / (2 d) + |fourth| / (4 d). So one bound, a multiple of r / d,
covers noise, truncation and kinks alike: nothing has to be recognised as a kink to avoid a false
alarm.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from gradcheck.numerics.probe import Probe
from gradcheck.numerics.rounding import Bools, Floats

T = TypeVar("T", np.float64, Floats)


@dataclass(frozen=True, slots=True)
class Stencil:
    """The five-point differences of all outputs along K directions at one step.

    All arrays have axes (direction, output).
    """

    step: float
    slope: Floats
    gap: Floats
    third: Floats
    fourth: Floats
    roughness: Floats
    constant: Bools

    @property
    def finite(self) -> bool:
        """Whether every node could be evaluated."""
        return bool(np.isfinite(self.roughness).all())


def five_point(y0: T, nodes: tuple[T, T, T, T], step: float) -> tuple[T, T, T, T, T]:
    """Return (slope, gap, third, fourth, roughness) from y0 and y at +d, -d, +2d, -2d."""
    up, down, far_up, far_down = nodes
    first = (up - down) / 2
    second = (far_up - far_down) / 2
    bend1 = up + down - 2 * y0
    bend2 = far_up + far_down - 2 * y0
    third = second - 2 * first
    fourth = bend2 - 4 * bend1
    roughness = np.hypot(np.sqrt(0.2) * third, fourth / np.sqrt(140.0))
    return (
        (8 * first - second) / (6 * step),
        (4 * bend1 - bend2) / (2 * step),
        third,
        fourth,
        roughness,
    )


def ends(probe: Probe, directions: Floats, step: float) -> Floats:
    """Return y - y0 at +2d and -2d along each direction, axes (direction, end, output)."""
    (outer,) = _along(probe, directions, 2 * step)
    return outer


def far_slopes(probe: Probe, directions: Floats, step: float) -> Iterator[float]:
    """Yield ``<u, y(2d) - y(-2d)> / 4d``, keeping no value of y; of large arrays asked singly."""
    for together in np.split(directions, len(directions)) if probe.large else (directions,):
        for gap in probe.contracted_gaps(_both_sides(probe.centre, together, 2 * step)):
            yield gap / (4 * step)


def stencil(probe: Probe, directions: Floats, step: float, outer: Floats | None = None) -> Stencil:
    """Return the differences at ``step``; ``outer`` are values that :func:`ends` gave already."""
    if outer is None:
        outer, inner = _along(probe, directions, 2 * step, step)
    else:
        (inner,) = _along(probe, directions, step)
    nodes = (inner[:, 0], inner[:, 1], outer[:, 0], outer[:, 1])
    with np.errstate(all="ignore"):  # non-finite nodes become infinite roughness below
        slope, gap, third, fourth, roughness = five_point(np.zeros_like(probe.y0), nodes, step)
    usable = np.isfinite(slope) & np.isfinite(roughness)
    return Stencil(
        step,
        np.where(usable, slope, 0.0),
        np.where(usable, gap, 0.0),
        np.where(usable, third, np.inf),
        np.where(usable, fourth, np.inf),
        np.where(usable, roughness, np.inf),
        (inner == 0).all(axis=1) & (outer == 0).all(axis=1),
    )


def _along(probe: Probe, directions: Floats, *offsets: float) -> Sequence[Floats]:
    """Return y - y0 on both sides of the point, axes (offset, direction, side, output)."""
    shape = len(offsets), len(directions), 2, probe.y0.size
    sides = (_both_sides(probe.centre, directions, offset) for offset in offsets)
    rises = probe.rises(itertools.chain.from_iterable(sides), 2 * len(offsets) * len(directions))
    return list(rises.reshape(shape))


def _both_sides(centre: Floats, directions: Iterable[Floats], offset: float) -> Iterator[Floats]:
    for direction in directions:
        shift = offset * direction
        yield centre + shift
        yield centre - shift
