"""Claim against difference: the verdict on one gradient at one point.

The order is the price list: a sketch (two to six evaluations a direction) decides a correct
gradient; only a contradiction pays for confirmation, at the point itself and at a generic
neighbour, and only what stands at the neighbour too is called wrong. A value that is off only
at an exact tie or kink is told as such (``point-only``), never as a failure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from gradcheck.numerics.confirmation import confirm
from gradcheck.numerics.probe import Forward, Probe, Pullback
from gradcheck.numerics.rounding import Array
from gradcheck.numerics.sketch import Sketch, sketch

Outcome = Literal[
    "agrees",  # within the bound, and the bound is sharp enough to mean something
    "kink",  # within the one-sided slopes of a point where y has a kink
    "weak",  # nothing contradicts the claim, but nothing could: below the rounding of y
    "point-only",  # outside the one-sided slopes at an exact kink, right at its neighbours
    "inconclusive",  # contradicted, but not confirmed: `reason` says why
    "disagrees",  # contradicted at the point and at a generic neighbour, independently
    "non-finite",  # outputs or claim are not finite at the point
]

WEAK = 1e-3
"""A bound above this fraction of the gradient certifies nothing."""
_NEIGHBOURS = 4


@dataclass(frozen=True, slots=True)
class Comparison:
    """The verdict of one comparison.

    ``resolution`` is the relative error that would have been seen; ``step`` the largest step
    used, in units of the array's scale.
    """

    outcome: Outcome
    resolution: float
    reason: str = ""
    kinks: int = 0
    forward_calls: int = 0
    backward_calls: int = 0


def compare(
    forward: Forward,
    pullback: Pullback,
    x: Array,
    cotangent: Array,
    rng: np.random.Generator,
    *,
    border: Array | None = None,
    target: float | None = None,
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
    """
    probe = Probe(forward, pullback, x, cotangent, border)
    if x.size == 0:
        return _told(probe, "agrees", 0.0, "no elements")
    if not probe.finite:
        return _told(probe, "non-finite", np.inf, "output or gradient is not finite here")
    seen = sketch(probe, rng, target=target)
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
        return _told(probe, "weak", seen.resolution, "the gradient is below the rounding of y")
    return _told(probe, "agrees", seen.resolution)


def _second_look(
    probe: Probe, seen: Sketch, rng: np.random.Generator, target: float | None
) -> Comparison:
    here = confirm(probe, seen, seen.suspects[0], rng)
    near = _generic_neighbour(probe, rng)
    if near is None:
        return _told(probe, "inconclusive", seen.resolution, "no neighbour is finite", seen.kinks)
    there, upheld = _at_neighbour(probe, near, rng, target)
    if upheld and (here.confirmed or seen.kinks):
        return _told(probe, "disagrees", seen.resolution, here.reason, seen.kinks)
    if seen.kinks and not there.suspects:
        reason = "outside the one-sided slopes at an exact kink, right beside it"
        return _told(probe, "point-only", seen.resolution, reason, seen.kinks)
    reason = here.reason if not here.confirmed else "not confirmed at a neighbouring point"
    return _told(probe, "inconclusive", seen.resolution, reason, seen.kinks)


def _neighbour_contradicts(probe: Probe, rng: np.random.Generator, target: float | None) -> bool:
    """Whether the claim is wrong beside the kink, whose width hides other elements at the point."""
    near = _generic_neighbour(probe, rng)
    return near is not None and _at_neighbour(probe, near, rng, target)[1]


def _at_neighbour(
    probe: Probe, near: Probe, rng: np.random.Generator, target: float | None
) -> tuple[Sketch, bool]:
    """Return the sketch at the neighbour, and whether it contradicts the claim and is confirmed."""
    there = sketch(near, rng, target=target)
    upheld = bool(there.suspects) and confirm(near, there, there.suspects[0], rng).confirmed
    probe.forward_calls += near.forward_calls
    probe.backward_calls += near.backward_calls
    return there, upheld


def _generic_neighbour(probe: Probe, rng: np.random.Generator) -> Probe | None:
    """Return the probe at a slightly moved point, where ties and exact kinks are gone."""
    for _ in range(_NEIGHBOURS):
        signs = rng.choice(np.array([-1.0, 1.0]), probe.x.shape)
        shift = 2.0**-5 * probe.scale * signs * rng.uniform(0.5, 1.0, probe.x.shape)
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
