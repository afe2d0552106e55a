"""The best slope of every output over the steps tried, contracted with the cotangent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gradcheck.numerics.bounds import (
    NOISE_GAIN,
    SAFETY,
    Bounded,
    bounded,
    raised_floor,
    with_kinks,
)
from gradcheck.numerics.probe import Probe
from gradcheck.numerics.rounding import (
    Bools,
    Floats,
    root_mean_squares,
    root_sum_squares,
    smallest_subnormal,
)
from gradcheck.numerics.stencil import Stencil


@dataclass(frozen=True, slots=True)
class Selection:
    """For each direction and output the slope that was kept, and at which step."""

    slope: Floats
    error: Floats
    flagged: Bools
    kinked: Bools
    step: Floats


@dataclass(frozen=True, slots=True)
class Estimate:
    """``<u, J v>`` along one direction, with the parts of its error bound.

    ``magnitude`` is ||g * v||, what the discrepancy is held against; ``noise`` adds up at random
    over the outputs, ``rough`` (truncation, kinks near the point) and ``kink`` in the worst way.
    """

    value: float
    noise: float
    rough: float
    kink: float
    backward: float
    magnitude: float
    kinks: int

    @property
    def error(self) -> float:
        """The whole error bound."""
        return self.noise + self.rough + self.kink + self.backward

    @property
    def resolution(self) -> float:
        """The error bound relative to the gradient along the direction."""
        return _ratio(self.error, self.magnitude)

    @property
    def reducible(self) -> float:
        """The part of the resolution that another step could improve."""
        return _ratio(self.error - self.kink, self.magnitude)


def select(
    probe: Probe, stencils: Sequence[Stencil], *, apart: bool = False
) -> tuple[list[Bounded], Selection, Floats]:
    """Bound every stencil and keep the best step of each output, from large to small.

    Where the intervals of two steps overlap the one that costs less in the sum is kept. Where they
    contradict each other the smaller step wins only with a slope that is non-zero and four times
    better resolved: so neither plateaus below a hidden rounding (slope zero) nor aliasing can win.
    """
    floor = raised_floor(stencils, probe.output_rounding)
    ordered = sorted(stencils, key=lambda one: -one.step)
    steps = with_kinks([bounded(one, floor, apart=apart) for one in ordered])
    kept = _selection(steps[0])
    roughness = steps[0].stencil.roughness
    for one in steps[1:]:
        better = _better(kept, roughness, one)
        fresh = _selection(one)
        kept = Selection(
            *(
                np.where(better, getattr(fresh, name), getattr(kept, name))
                for name in Selection.__slots__
            )
        )
        roughness = np.where(better, one.stencil.roughness, roughness)
    return steps, kept, floor


def contract(
    probe: Probe, kept: Selection, directions: Floats, common: float = 0.0
) -> list[Estimate]:
    """Return one estimate of ``<u, J v>`` for each direction.

    ``common`` is the noise that outputs have in common (:func:`common_noise`).
    """
    u = probe.u
    live = u != 0  # an output that the cotangent ignores cannot spoil the sum, even if infinite
    lost = smallest_subnormal(probe.roundoff_claim)  # what an element of g loses by underflow
    estimates = []
    for k, direction in enumerate(directions):
        terms = (u * kept.slope[k])[live]
        errors = np.abs(u * kept.error[k])[live]
        flagged, kinked = kept.flagged[k][live], kept.kinked[k][live]
        claim = root_sum_squares(probe.g * direction)
        estimates.append(
            Estimate(
                value=float(terms.sum()),
                noise=max(root_sum_squares(errors[~flagged]), common),
                rough=float(errors[flagged & ~kinked].sum()),
                kink=float(errors[kinked].sum()),
                backward=8 * (probe.roundoff_claim * claim + lost * float(np.abs(direction).sum())),
                magnitude=claim if claim > 0 else root_sum_squares(terms),
                kinks=int(kinked.sum()),
            )
        )
    return estimates


def common_noise(probe: Probe, steps: Sequence[Bounded], kept: Selection, floor: Floats) -> float:
    """Bound the noise of outputs that share a hidden rounding.

    The mean of a column, say, is rounded once and enters all of its rows alike: such noise does
    not add up in quadrature. So the outputs with a hidden rounding (a raised floor) are contracted
    first, as they will be, and the roughness of that one sum is taken, pooled over the directions.
    """
    hidden = (floor > probe.output_rounding) & (probe.u != 0) & np.isfinite(floor)
    total = 0.0
    for one in steps if hidden.any() else ():
        at = hidden & (kept.step == one.stencil.step) & ~kept.flagged
        third, fourth = (
            np.where(at, part, 0.0) @ np.where(hidden, probe.u, 0.0)
            for part in (one.stencil.third, one.stencil.fourth)
        )
        rough = root_mean_squares(np.hypot(third / np.sqrt(5.0), fourth / np.sqrt(140.0)))
        total = float(np.hypot(total, SAFETY * NOISE_GAIN * rough / one.stencil.step))
    return total


def _selection(one: Bounded) -> Selection:
    step = np.full(one.error.shape, one.stencil.step)
    return Selection(one.stencil.slope, one.error, one.flagged, one.kinked, step)


def _better(kept: Selection, roughness: Floats, one: Bounded) -> Bools:
    with np.errstate(invalid="ignore", divide="ignore"):
        agree = ~(np.abs(one.stencil.slope - kept.slope) > one.error + kept.error)
        before = roughness / (np.abs(kept.slope) * kept.step)
        after = one.stencil.roughness / (np.abs(one.stencil.slope) * one.stencil.step)
        resolved = (one.stencil.slope != 0) & (after < before / 4)
        cheaper = _cost(one.error, one.flagged) < _cost(kept.error, kept.flagged)
        better: Bools = np.where(agree, cheaper, resolved)
    return better


def _cost(error: Floats, flagged: Bools) -> Floats:
    """Weigh what a bound costs in the sum over all outputs.

    F flagged bounds add up outright and F others in quadrature, so a flagged one costs sqrt(F)
    times as much.
    """
    many = np.sqrt(np.maximum(flagged.sum(axis=1, keepdims=True), 1))
    return np.where(flagged, error * many, error)


def _ratio(part: float, whole: float) -> float:
    if whole > 0:
        return part / whole
    return 0.0 if part == 0 else float("inf")
