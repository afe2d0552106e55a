"""Claim against difference: the verdict on one gradient at one point.

The order is the price list: a sketch (two to six evaluations a direction) decides a correct
gradient; only a contradiction pays for confirmation, at the point itself and at a generic
neighbour, and only what stands at the neighbour too is called wrong. A value that is off only
at an exact tie or kink is told as such (``point-only``), never as a failure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from gradcheck.numerics.confirmation import Confirmation, confirm, finer
from gradcheck.numerics.elementwise import differentiate_elements
from gradcheck.numerics.exact_point import off_here_only
from gradcheck.numerics.probe import Forward, Probe, Pullback
from gradcheck.numerics.rounding import Array, root_sum_squares
from gradcheck.numerics.sketch import Sketch, sketch
from gradcheck.numerics.thorough import FLOAT64_TARGET, complex_resolution, finer_sketch

Outcome = Literal[
    "agrees",  # within the bound, and the bound is sharp enough to mean something
    "kink",  # within the one-sided slopes of a point where y has a kink
    "weak",  # nothing contradicts the claim, but nothing could: below the rounding of y
    "point-only",  # outside the one-sided slopes at the very point, right at its neighbours
    "inconclusive",  # contradicted, but not confirmed: `reason` says why
    "disagrees",  # contradicted at the point and at a generic neighbour, independently
    "non-finite",  # outputs or claim are not finite at the point
]

Mode = Literal["fast", "thorough", "elementwise"]

WEAK = 1e-3
"""A bound above this fraction of the gradient certifies nothing."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The verdict of one comparison.

    ``resolution`` is the relative error that would have been seen; ``precision`` is what it was
    seen with, when that is more than the dtype of x.
    """

    outcome: Outcome
    resolution: float
    reason: str = ""
    kinks: int = 0
    forward_calls: int = 0
    backward_calls: int = 0
    precision: str = "float64"


def compare(
    forward: Forward,
    pullback: Pullback,
    x: Array,
    cotangent: Array,
    rng: np.random.Generator,
    *,
    border: Array | None = None,
    target: float | None = None,
    mode: Mode = "fast",
) -> Comparison:
    """Hold the gradient that ``pullback`` claims for ``x`` against differences of ``forward``.

    Parameters
    ----------
    forward
        A batch of arrays like ``x`` -> the outputs at each, any one shape, real.
    pullback
        ``(x, cotangent) -> g``, like ``x``: the claimed gradient of ``sum(cotangent * y)``.
    x
        The point; a floating-point array of any shape.
    cotangent
        Weights of the outputs, like the output.
    border
        Like ``x``: distance of each element to the edge of the domain, where known.
    target
        Relative resolution aimed at; by default 1e-7 / sqrt(n) in float64 and 1e-3 in float32.
    mode
        ``"fast"``: 7 forward evaluations for most correct gradients, up to 73.
        ``"thorough"``: those, and up to 90 more for a resolution of 1e-9 and below, in longdouble
        or by the complex step where the forward has them.
        ``"elementwise"``: 8 n + 1, every element for itself.
    """
    probe = Probe(forward, pullback, x, cotangent, border)
    if x.size == 0:
        return _told(probe, "agrees", 0.0, "no elements")
    if not probe.finite:
        return _told(probe, "non-finite", np.inf, "output or gradient is not finite here")
    if mode == "elementwise":
        return _each_element(probe, rng, target)
    seen = sketch(probe, rng, target=target)
    if mode == "thorough" and not seen.suspects and not seen.kinks:
        return _sharpened(probe, seen, rng)
    return _judged(probe, seen, rng, target)


def _sharpened(probe: Probe, seen: Sketch, rng: np.random.Generator) -> Comparison:
    """Judge again with more digits: longdouble, else the complex step, else a finer target."""
    # Where float64 resolves nothing its backward has no digits either, whatever longdouble sees.
    sharper = finer_sketch(probe, rng) if seen.resolution <= WEAK else None
    if sharper is not None:
        fine, sharp = sharper
        told = _judged(fine, sharp, rng, sharp.target)
        return replace(
            told,
            forward_calls=told.forward_calls + probe.forward_calls,
            backward_calls=told.backward_calls + probe.backward_calls,
            precision="longdouble",
        )
    resolution = complex_resolution(probe, seen)
    if resolution is not None and resolution < min(seen.resolution, WEAK):
        return replace(_told(probe, "agrees", resolution), precision="complex step")
    return _judged(probe, sketch(probe, rng, target=FLOAT64_TARGET), rng, FLOAT64_TARGET)


def _each_element(probe: Probe, rng: np.random.Generator, target: float | None) -> Comparison:
    """Judge every element for itself; those that are off are confirmed like any suspicion."""
    elements = differentiate_elements(probe)
    with np.errstate(invalid="ignore"):
        off = ~(np.abs(probe.g - elements.gradient) <= elements.error)
    size = float(np.abs(probe.g).max())
    finest = float(elements.error.max()) / size if size > 0 else 0.0
    if not off.any():
        return _told(probe, "agrees" if finest <= WEAK else "weak", finest)
    alone = np.where(off, probe.scale, 0.0)[np.newaxis]
    seen = sketch(probe, rng, target=target, directions=alone)
    told = _judged(probe, seen, rng, target) if seen.suspects else None
    if told is not None and told.outcome != "inconclusive":
        return told
    # Outputs that stand still along these elements may leak into their gradients all the same;
    # that shows where everything moves.
    general = _judged(probe, sketch(probe, rng, target=target), rng, target)
    if told is None or general.outcome == "disagrees":
        return general
    return replace(told, forward_calls=general.forward_calls, backward_calls=general.backward_calls)


def _judged(
    probe: Probe, seen: Sketch, rng: np.random.Generator, target: float | None
) -> Comparison:
    """Return the verdict that follows from a sketch, with a second look where it accuses."""
    if seen.suspects:
        return _second_look(probe, seen, rng, target)
    if seen.kinks and _all_moved_together_contradicts(probe, rng, seen.target):
        reason = "moving all elements together contradicts the value at the kink"
        return _told(probe, "point-only", seen.resolution, reason, seen.kinks)
    if seen.kinks and _neighbour_contradicts(probe, rng, target):
        reason = "within the slopes of the kink here, contradicted right beside it"
        return _told(probe, "disagrees", seen.resolution, reason, seen.kinks)
    if seen.kinks:
        return _told(probe, "kink", seen.resolution, "between the one-sided slopes", seen.kinks)
    if seen.resolution > max(WEAK, seen.target):
        return _told(probe, "weak", seen.resolution, _why_weak(seen))
    return _told(probe, "agrees", seen.resolution)


def _second_look(
    probe: Probe, seen: Sketch, rng: np.random.Generator, target: float | None
) -> Comparison:
    noise = _noise_between_calls(probe)
    if noise:
        reason = f"forward changes from call to call, by {noise:.1e} of its size"
        return _told(probe, "inconclusive", seen.resolution, reason)
    here = _confirmed(probe, seen, rng)
    near = _generic_neighbour(probe, rng)
    if near is None:
        return _told(probe, "inconclusive", seen.resolution, "no neighbour is finite", seen.kinks)
    # Sharper than the first look, or an error just above the target would need luck twice.
    there, upheld = _at_neighbour(probe, near, rng, seen.target * finer(probe))
    if upheld and (here.confirmed or seen.kinks):
        return _told(probe, "disagrees", seen.resolution, here.reason, seen.kinks)
    if seen.kinks and not there.suspects:
        reason = "outside the one-sided slopes at an exact kink, right beside it"
        return _told(probe, "point-only", seen.resolution, reason, seen.kinks)
    if not here.confirmed and not there.suspects and off_here_only(probe, seen, rng):
        reason = "another value at this very point than right beside it, where y has no kink"
        return _told(probe, "point-only", seen.resolution, reason)
    reason = here.reason if not here.confirmed else "not confirmed at a neighbouring point"
    return _told(probe, "inconclusive", seen.resolution, reason, seen.kinks)


def _why_weak(seen: Sketch) -> str:
    best = min(seen.estimates, key=lambda one: one.resolution)
    if best.rough > best.noise:
        return "forward is not differentiable here: a jump, a staircase or dense kinks"
    return "the gradient is below the rounding of y"


def _noise_between_calls(probe: Probe) -> float:
    """Return by how much of ||y|| the same call differs from the first one."""
    change = root_sum_squares(probe.rises([probe.centre], 1))
    return change / (root_sum_squares(probe.y0) or 1.0)


def _neighbour_contradicts(probe: Probe, rng: np.random.Generator, target: float | None) -> bool:
    """Whether the claim is wrong beside the kink, whose width hides other elements at the point."""
    near = _generic_neighbour(probe, rng)
    return near is not None and _at_neighbour(probe, near, rng, target)[1]


def _confirmed(probe: Probe, seen: Sketch, rng: np.random.Generator) -> Confirmation:
    """Confirm any of the suspected directions, the worst first."""
    told = confirm(probe, seen, seen.suspects[0], rng)
    for k in seen.suspects[1:] if probe.double else ():
        if told.confirmed:
            break
        told = confirm(probe, seen, k, rng)
    return told


def _at_neighbour(
    probe: Probe, near: Probe, rng: np.random.Generator, target: float | None
) -> tuple[Sketch, bool]:
    """Return the sketch at the neighbour, and whether it contradicts the claim and is confirmed."""
    there = sketch(near, rng, target=target)
    upheld = bool(there.suspects) and _confirmed(near, there, rng).confirmed
    probe.forward_calls += near.forward_calls
    probe.backward_calls += near.backward_calls
    return there, upheld


def _generic_neighbour(probe: Probe, rng: np.random.Generator) -> Probe | None:
    """Return the probe at a slightly moved point, where ties and exact kinks are gone."""
    size = np.abs(probe.centre)
    # A small element may stand at an unknown border of the domain: then by a part of itself.
    own = np.where(size > 0, np.minimum(size, probe.scale), probe.scale)
    for reach in (probe.scale, probe.scale, own, own):
        signs = rng.choice(np.array([-1.0, 1.0]), probe.x.shape)
        shift = 2.0**-5 * reach * signs * rng.uniform(0.5, 1.0, probe.x.shape)
        near = probe.moved((probe.centre + shift).astype(probe.x.dtype))
        if near.finite:
            return near
    return None


def _all_moved_together_contradicts(probe: Probe, rng: np.random.Generator, goal: float) -> bool:
    """Whether the direction of ones contradicts the claim at a kink.

    Moving tied elements together is smooth, so a gradient that was given to each of them in full
    shows here and nowhere else.
    """
    ones = np.broadcast_to(probe.scale, probe.x.shape)[np.newaxis]
    return bool(sketch(probe, rng, target=goal, directions=ones).suspects)


def _told(
    probe: Probe, outcome: Outcome, resolution: float, reason: str = "", kinks: int = 0
) -> Comparison:
    return Comparison(outcome, resolution, reason, kinks, probe.forward_calls, probe.backward_calls)
