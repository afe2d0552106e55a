"""The second look, taken only before an accusation.

A suspicion is confirmed by fits at three steps around the one that carries the bound, against
the claim with its own round-off measured; and it is dropped where the function looks different
at different scales (staircases, aliasing), or where the discrepancy lies below what the
arithmetic of forward and backward can resolve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gradcheck.numerics.bounds import Bounded, bounded
from gradcheck.numerics.probe import Probe
from gradcheck.numerics.regression import Fit, fit
from gradcheck.numerics.rounding import Bools, Floats, root_sum_squares
from gradcheck.numerics.sketch import Sketch
from gradcheck.numerics.stencil import stencil

_LARGEST_STEP = 2.0**-3
_SAFETY = 8.0
_PAIRS = 4
_ELSEWHERE = 3
_FINER = 2.0**-4
_NEAR = 0.4  # of the distance between claim and slope: nearer to the one than to the other
_SEVERAL = 2
_SATURATED = 2.0**-30  # of the size of the outputs at other points
_STAIRS = 2.0**13


def finer(probe: Probe) -> float:
    """Return how much finer a second look resolves: what the first one sees, it must see too.

    Not in float32, where the first look is at the limit of the arithmetic already.
    """
    return _FINER if probe.double else 1.0


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Whether the suspicion stands, and why (not)."""

    confirmed: bool
    reason: str


def confirm(probe: Probe, seen: Sketch, k: int, rng: np.random.Generator) -> Confirmation:
    """Look again at direction ``k`` of a sketch that contradicts the claim."""
    if seen.kept is None or seen.floor is None:
        raise ValueError("stage 0 accuses nobody: a sketch without stencils has no suspects")
    direction = seen.directions[k]
    claim_error = _claim_error(probe, direction, rng)
    centre = _dominant_step(probe, seen, k)
    fits = _fits(probe, direction, centre, seen.floor, rng)
    guards = _guards(probe, direction, centre, seen)
    far = [(one.stencil.step, one.stencil.constant[k]) for one in seen.steps]
    far += [(one.stencil.step, one.stencil.constant[0]) for one in guards]
    if _leaks_through_dead_outputs(probe, direction, claim_error, far, fits, rng):
        return Confirmation(True, "outputs that do not move at all have a gradient")
    return _weigh(probe, seen, k, fits, guards, claim_error, rng)


def _claim_error(probe: Probe, direction: Floats, rng: np.random.Generator) -> float:
    """Bound the backward's own round-off by asking it at symmetric pairs around the point.

    The linear change cancels in each pair. The pairs are 2^-26 apart and not an ulp: patterns of
    rounding repeat at ulp distance. Where the gradient is the small difference of larger terms
    (p - t of a saturated softmax) its rounding may be the same all around; how large the terms are
    shows at other points, where they do not cancel.
    """
    distance = 2.0**-26 if probe.double else 2.0**-12
    here = probe.claim_along(direction)
    scatter = []
    for _ in range(_PAIRS):
        shift = distance * probe.scale * rng.uniform(-1.0, 1.0, probe.x.shape)
        pair = [probe.claim_at(probe.centre + side * shift, direction) for side in (1, -1)]
        scatter.append(sum(pair) - 2 * here)
    own = root_sum_squares(scatter) / float(np.sqrt(3 * _PAIRS))
    size = max(root_sum_squares(probe.g * direction), _claim_elsewhere(probe, direction, rng))
    return _SAFETY * max(own, probe.roundoff_claim * size)


def _claim_elsewhere(probe: Probe, direction: Floats, rng: np.random.Generator) -> float:
    """Return the largest ||g * v|| at unrelated points; 0 where none of them is finite."""
    sizes = [
        root_sum_squares(probe.gradient_at(point) * direction)
        for point in _unrelated(probe, rng)[:_ELSEWHERE]
    ]
    return max((size for size in sizes if np.isfinite(size)), default=0.0)


def _dominant_step(probe: Probe, seen: Sketch, k: int) -> float:
    """Return the step that carries most of the bound, in quadrature over the outputs."""
    assert seen.kept is not None
    errors = np.abs(probe.u * seen.kept.error[k])
    errors = np.where(np.isfinite(errors), errors, 0.0)
    at = seen.kept.step[k]
    tried = np.unique(at) if at.size else [seen.steps[0].stencil.step]
    return float(max(tried, key=lambda step: root_sum_squares(errors[at == step])))


def _fits(
    probe: Probe, direction: Floats, centre: float, floor: Floats, rng: np.random.Generator
) -> list[Fit]:
    smallest = 2.0**5 * probe.roundoff_in
    steps = [float(np.clip(centre * factor, smallest, _LARGEST_STEP)) for factor in (1, 8, 1 / 8)]
    fits = [fit(probe, direction, step, floor, rng) for step in steps]
    return [one for one in fits if one.finite]


def _guards(probe: Probe, direction: Floats, centre: float, seen: Sketch) -> list[Bounded]:
    """Return stencils at far steps that no rung came near to, to unmask staircases."""
    tried = [one.stencil.step for one in seen.steps]
    small = {2.0**bits * probe.roundoff_in for bits in (17, 21, 25)}  # against fast oscillations
    middle = {2.0**bits for bits in (-11, -9, -7, -5)}  # against steps that are long and even
    wanted = small | middle | {min(_LARGEST_STEP, centre * 64), _LARGEST_STEP}
    far = [d for d in sorted(wanted) if all(abs(np.log2(d / other)) > 2 for other in tried)]
    return [bounded(stencil(probe, direction[np.newaxis], d), probe.output_rounding) for d in far]


def _leaks_through_dead_outputs(
    probe: Probe,
    direction: Floats,
    claim_error: float,
    far: Sequence[tuple[float, Bools]],
    fits: Sequence[Fit],
    rng: np.random.Generator,
) -> bool:
    """Whether the claim gives a slope to outputs that never moved.

    Saturated outputs never move either, yet have a tiny true slope; how large their outputs are
    elsewhere bounds how large that slope can be.
    """
    seen = [*far, *((one.step, one.constant) for one in fits)]
    farthest = np.zeros(probe.y0.shape)
    times = np.zeros(probe.y0.shape, dtype=int)
    for step, constant in seen:
        farthest = np.where(constant, np.maximum(farthest, step), farthest)
        times += constant
    # A damped direction moves some elements by a fraction of the step: only that is the reach.
    reach = 2 * farthest * _least_movement(probe, direction)
    dead = (probe.u != 0) & (reach >= 2.0**-5) & (times >= 3)
    if not dead.any():
        return False
    reference = _magnitude_at(probe, _unrelated(probe, rng))
    legal = float(np.abs(probe.u * reference)[dead].dot(1 / farthest[dead])) * 2.0**-18
    claim = probe.claim_along(direction, np.where(dead, probe.u, 0.0))
    return abs(claim) > legal + claim_error


def _least_movement(probe: Probe, direction: Floats) -> float:
    """Return the smallest |v_i| in units of the scale, 1/2 to 1 in a plain direction."""
    moving = np.abs(direction[probe.scale > 0]) / probe.scale[probe.scale > 0]
    return float(moving[moving > 0].min(initial=1.0))


def _magnitude_at(probe: Probe, points: list[Floats]) -> Floats:
    """Return the largest |y| here and at other points."""
    values = np.abs(probe.outputs(points))
    values = np.where(np.isfinite(values), values, 0.0).max(axis=0)
    largest = np.maximum(values, np.abs(probe.y0))
    fallback = float(largest.max()) if largest.size and largest.max() > 0 else 1.0
    return np.where(largest > 0, largest, fallback)


def _unrelated(probe: Probe, rng: np.random.Generator) -> list[Floats]:
    """Return legal points that have nothing to do with x but its magnitude."""
    size = np.abs(probe.centre)
    if probe.border is not None:  # no other sign is known to be legal: x in other orders
        return [rng.permutation(probe.centre.ravel()).reshape(size.shape) for _ in range(4)]
    shuffled = []
    for _ in range(2):
        signs = rng.choice(np.array([-1.0, 1.0]), size.shape)
        shuffled.append(rng.permutation(size.ravel()).reshape(size.shape) * signs)
    # Also at size one: far from it the outputs may cancel at every input of this magnitude.
    unit = size / (float(size.max(initial=0.0)) or 1.0)
    # And much smaller, where what is saturated here is not.
    small = 2.0**-10 * shuffled[1]
    return [shuffled[0], unit * np.sign(shuffled[0]), small, shuffled[1], size, -size, unit, -unit]


def _weigh(
    probe: Probe,
    seen: Sketch,
    k: int,
    fits: Sequence[Fit],
    guards: Sequence[Bounded],
    claim_error: float,
    rng: np.random.Generator,
) -> Confirmation:
    direction = seen.directions[k]
    differences, evidence = [], []
    for one in fits:
        claim = probe.claim_along(direction)
        if one.constant.any():  # outputs that did not move take their part of the claim with them
            masked = np.where(one.active, probe.u, 0.0)
            claim = probe.claim_along(direction, masked) if one.active.any() else 0.0
        bound = one.error + claim_error
        differences.append((one.value - claim, bound))
        resolved = abs(one.value) > bound or one.loud <= 0.1 * one.error
        if abs(one.value - claim) > bound and resolved:
            evidence.append(differences[-1])
    if len(evidence) < 2:
        return Confirmation(False, "not significant at a second look")
    least = max(
        finer(probe) * seen.target * seen.estimates[k].magnitude,
        256 * probe.roundoff * probe.output_magnitude,
    )
    off = min(abs(value) for value, _ in evidence)
    if off <= least or off <= _resolved_in_saturation(probe, rng):
        return Confirmation(False, "below what the arithmetic can resolve")
    if any(abs(a - b) > ea + eb for a, ea in differences for b, eb in differences):
        return Confirmation(False, "the slope depends on the step: rough or discontinuous")
    best = min(evidence, key=lambda pair: pair[1])
    if _some_scale_accepts(probe, seen, k, guards, best) or _far_scales_side_with_claim(
        probe, seen, k, guards
    ):
        return Confirmation(False, "the function looks different at different scales")
    return Confirmation(True, "confirmed by independent evaluations")


def _resolved_in_saturation(probe: Probe, rng: np.random.Generator) -> float:
    """Return what a slope must exceed where an output is a tiny part of what it may be.

    That is what it is at inputs of the same magnitude, with other signs and in another order. It
    may be the difference of terms as large as it is elsewhere, ``x (1 + tanh(x))``: then it moves
    in stairs of the rounding of those terms.
    """
    size = np.abs(probe.centre)
    same = _unrelated(probe, rng)[:1]  # of no other magnitude, for y may be a power of x
    same += [size, -size] if probe.border is None else []
    weights = np.abs(probe.u) * _magnitude_at(probe, same)
    tiny = (probe.u != 0) & (np.abs(probe.u * probe.y0) <= _SATURATED * weights)
    return _STAIRS * probe.roundoff * float(weights[tiny].max(initial=0.0))


def _some_scale_accepts(
    probe: Probe,
    seen: Sketch,
    k: int,
    guards: Sequence[Bounded],
    best: tuple[float, float],
) -> bool:
    """Whether any step, old or new, contradicts the confirmed slope and accepts the claim."""
    claim = seen.claims[k]
    live = probe.u != 0
    rows = [(one.stencil.slope[k], one.error[k]) for one in seen.steps]
    rows += [(one.stencil.slope[0], one.error[0]) for one in guards]
    for slope, errors in rows:
        if not np.isfinite(errors[live]).all():
            continue
        difference = float((probe.u * slope)[live].sum()) - claim
        bound = float(np.abs(probe.u * errors)[live].sum())
        if abs(difference) <= bound and abs(difference - best[0]) > bound + best[1]:
            return True
    return False


def _far_scales_side_with_claim(
    probe: Probe, seen: Sketch, k: int, guards: Sequence[Bounded]
) -> bool:
    """Whether several far steps measure about what is claimed.

    ``1 + tanh(x)`` near -1 is a staircase whose steps are long and, times x, exactly linear: every
    near step measures the same wrong slope to all digits. Far steps average over the stairs; their
    own bounds are too wide to say so, but the truncation error of a smooth function grows at least
    sixteenfold from one to the next, so it cannot lead several of them to one claim.
    """
    live = probe.u != 0
    near = min(seen.steps, key=lambda one: float(np.abs(probe.u * one.error[k])[live].sum()))
    off = abs(float((probe.u * near.stencil.slope[k])[live].sum()) - seen.claims[k])
    slopes = [float((probe.u * one.stencil.slope[0])[live].sum()) for one in guards]
    return sum(abs(slope - seen.claims[k]) <= _NEAR * off for slope in slopes) >= _SEVERAL
