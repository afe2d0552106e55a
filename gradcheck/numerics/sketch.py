"""Is the claim consistent with a few random directions? Two to six evaluations for each.

Stage 0 takes two evaluations a direction at one step and accepts where the claim agrees to the
target; it cannot accuse. Stage 1 completes the stencils, bounds their error, and climbs or
descends a ladder of steps, one stencil more at a time, until the bound reaches the target.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gradcheck.numerics.bounds import SAFETY, Bounded
from gradcheck.numerics.directions import (
    balanced,
    draw_directions,
    greatest_damped,
    show_factors,
)
from gradcheck.numerics.estimates import Estimate, Selection, common_noise, contract, select
from gradcheck.numerics.probe import Probe
from gradcheck.numerics.rounding import Floats, root_sum_squares
from gradcheck.numerics.stencil import Stencil, ends, far_slopes, stencil

MOST_STEPS = 6
_LARGEST_STEP = 2.0**-3
LARGEST_QUIET = 2.0**-15
"""Up to here the truncation of two points is mostly below what stage 0 has to see."""
_LARGEST_FIRST = 2.0**-8
_DESCENT = 2.0**5


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a few directions said about the claim.

    ``suspects`` are the directions whose claim lies outside the error bound, worst first.
    ``steps`` is empty when stage 0 decided.
    """

    directions: Floats
    claims: tuple[float, ...]
    estimates: tuple[Estimate, ...]
    target: float
    steps: tuple[Bounded, ...] = ()
    kept: Selection | None = None
    floor: Floats | None = None

    @property
    def resolution(self) -> float:
        """The relative error that the best direction resolves."""
        return min((one.resolution for one in self.estimates), default=0.0)

    @property
    def kinks(self) -> int:
        """The largest number of outputs with a kink at the point, over the directions."""
        return max((one.kinks for one in self.estimates), default=0)

    @property
    def suspects(self) -> tuple[int, ...]:
        """Directions in which claim and difference contradict each other, worst first."""
        excess = [
            _excess(abs(one.value - claim), one.error)
            for one, claim in zip(self.estimates, self.claims, strict=True)
        ]
        order = sorted(range(len(excess)), key=lambda k: -excess[k])
        return tuple(k for k in order if excess[k] > 1)


def resolution_target(probe: Probe, size: int | None = None) -> float:
    """Return the relative resolution aimed at, for an array of n = ``size`` elements.

    A single wrong element of size delta * rms(g) shows as delta * G / sqrt(n) in a direction of
    magnitude G, so dividing by sqrt(n) keeps the same delta = 1e-7 for every size.
    """
    if not probe.double:
        return 1e-3
    return max(1e-10, 1e-7 / float(np.sqrt(max(probe.x.size if size is None else size, 1))))


def first_step(probe: Probe) -> float:
    """Return the step at which stage 0 looks, in units of the scale of x: 2^-17 in float64."""
    return float(2.0 ** round(float(np.log2(probe.roundoff)) / 3.1))


def sketch(
    probe: Probe,
    rng: np.random.Generator,
    *,
    target: float | None = None,
    directions: Floats | None = None,
) -> Sketch:
    """Hold the claim of ``probe`` against random directions, or against the given ones."""
    goal = resolution_target(probe) if target is None else target
    step = first_step(probe)
    given = directions is not None
    if directions is None:
        directions = draw_directions(probe, rng)
        step = _balance(probe, directions, _quiet_step(probe, directions[0], step, goal), goal)
        show_factors(probe, directions)
    kept: list[Floats] = []
    quick = None if given else _quick_look(probe, directions, step, goal, kept)
    if quick is not None:
        return quick
    first = stencil(probe, directions, step, kept[0] if kept else None)
    if not first.finite and not given and probe.border is None:
        probe.shrink_scale()  # near an unknown border of the domain: steps relative to each x_i
        directions = draw_directions(probe, rng)
        first = stencil(probe, directions, step)
    return _climb(probe, directions, [first], goal)


def _quiet_step(
    probe: Probe, direction: Floats, step: float, goal: float, most: float = _LARGEST_FIRST
) -> float:
    """Raise the first step until the rounding of y allows the goal, at ``most`` to there.

    Stage 0 cannot accuse, so a step that is too large costs a few evaluations and no more.
    """
    wanted = goal * root_sum_squares(probe.g * direction)
    while step < most and rounding_of_slope(probe, step) > wanted > 0:
        step *= 2.0
    return step


def _balance(probe: Probe, directions: Floats, step: float, goal: float) -> float:
    """Damp the last direction, in place, where some first step still allows the goal then.

    Returns that step; the one given where the direction stays plain.
    """
    most = greatest_damped(probe)
    if not probe.double or rounding_of_slope(probe, LARGEST_QUIET) > goal * most:
        return step
    still = probe.scale == 0
    plain = directions[-1] / np.where(still, 1.0, probe.scale)
    damped = balanced(probe, plain)
    damped *= probe.scale
    larger = _quiet_step(probe, damped, step, goal, LARGEST_QUIET)
    if rounding_of_slope(probe, larger) > goal * root_sum_squares(probe.g * damped):
        return step
    directions[-1] = damped
    return larger


def rounding_of_slope(probe: Probe, step: float) -> float:
    """Bound the rounding of a two-point slope over the distance 4 d."""
    return SAFETY * probe.contracted_rounding / (2 * step)


def _quick_look(
    probe: Probe, directions: Floats, step: float, goal: float, kept: list[Floats]
) -> Sketch | None:
    """Accept on two evaluations a direction, or return None; ``kept`` gets what was evaluated."""
    noise = rounding_of_slope(probe, step)
    claims, estimates = [], []
    slopes = _far_slopes(probe, directions, step, kept)
    for direction in directions:
        terms = (probe.g * direction).ravel()
        claim, allowed = float(terms.sum()), goal * root_sum_squares(terms)
        # Without the first condition agreement would say nothing: noise agrees with zero.
        if not (noise <= allowed and abs(next(slopes) - claim) <= allowed):
            return None
        claims.append(claim)
        estimates.append(Estimate(claim, allowed, 0.0, 0.0, 0.0, allowed / goal, 0))
    return Sketch(directions, tuple(claims), tuple(estimates), goal)


def _far_slopes(
    probe: Probe, directions: Floats, step: float, kept: list[Floats]
) -> Iterator[float]:
    """Yield the slope over 4 d along each direction; small arrays together, large ones singly."""
    if probe.large:
        yield from far_slopes(probe, directions, step)
        return
    outer = ends(probe, directions, step)
    kept.append(outer)
    with np.errstate(all="ignore"):
        slopes = (outer[:, 0] - outer[:, 1]) @ probe.u / (4 * step)
    yield from slopes.tolist()


def _climb(probe: Probe, directions: Floats, stencils: list[Stencil], goal: float) -> Sketch:
    claims = tuple(probe.claim_along(v) for v in directions)
    while True:
        steps, kept, floor = select(probe, stencils)
        common = common_noise(probe, steps, kept, floor)
        estimates = contract(probe, kept, directions, common)
        worst = max(range(len(estimates)), key=lambda k: estimates[k].reducible)
        following = None
        if estimates[worst].reducible > goal and len(stencils) < MOST_STEPS:
            following = _next_step(probe, stencils, estimates[worst], worst, goal)
        if following is None:
            return Sketch(directions, claims, tuple(estimates), goal, tuple(steps), kept, floor)
        stencils.append(stencil(probe, directions, following))


def _next_step(
    probe: Probe, tried: Sequence[Stencil], worst: Estimate, k: int, goal: float
) -> float | None:
    """Descend where roughness dominates the bound, climb where rounding does."""
    smallest = min(one.step for one in tried)
    largest = max(tried, key=lambda one: one.step)
    if not np.isfinite(worst.error) or worst.rough > worst.noise:
        step = smallest / _descent(worst)
        return step if step >= 2.0**5 * probe.roundoff_in else None
    if _structured(probe, largest, k, worst):
        return None
    ratio = worst.reducible / goal
    climb = float(np.clip(np.ceil(np.log2(ratio)), 2, 7)) if np.isfinite(ratio) else 7.0
    step = min(largest.step * 2.0**climb, _LARGEST_STEP)
    return step if step > largest.step else None


def _descent(worst: Estimate) -> float:
    """Return the factor by which to descend, a power of two.

    Truncation falls like d^2 and rounding grows like 1/d, so rough / f^2 + noise * f is smallest
    at f^3 = 2 rough / noise. A kink or a jump near the point is far above the noise and stays
    there, so it is left as fast as before.
    """
    if not (np.isfinite(worst.error) and worst.noise > 0):
        return _DESCENT
    best = np.log2(2 * worst.rough / worst.noise) / 3
    return float(2.0 ** np.clip(np.round(best), 2, np.log2(_DESCENT)))


def _structured(probe: Probe, largest: Stencil, k: int, worst: Estimate) -> bool:
    """Whether the largest step was already too rough, so that a larger one cannot help."""
    rough = largest.roughness[k]
    stands_out = np.isfinite(rough) & (rough > 30 * probe.output_rounding)
    return SAFETY * root_sum_squares((probe.u * rough)[stands_out]) / largest.step > worst.error


def _excess(discrepancy: float, bound: float) -> float:
    if bound > 0:
        return discrepancy / bound
    return float("inf") if discrepancy > 0 else 0.0
