"""All arrays of a layer in one direction: seven evaluations for a right layer, not seven an array.

The directions of the single arrays are laid side by side, each damped by a power of two so that
the error that must be seen, target * ||g_a * v_a||, is the same for all. So no array hides behind
another: a discrepancy of one shows at the full resolution of that one. An array whose claim is
zero, or too large to be damped to the smallest by 2^-10, is left out and tested apart.

A joint look only ever accepts. What it does not accept is looked at array by array.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from gradcheck.numerics.directions import draw_directions
from gradcheck.numerics.probe import Probe
from gradcheck.numerics.rounding import Array, Floats, root_sum_squares
from gradcheck.numerics.sketch import (
    LARGEST_QUIET,
    first_step,
    resolution_target,
    rounding_of_slope,
)
from gradcheck.numerics.stencil import far_slopes

NamedForward = Callable[[Sequence[Mapping[str, Array]]], Sequence[Array]]

_LEAST_DAMPING = 2.0**-10


def agree_jointly(
    forward: NamedForward,
    arrays: Mapping[str, Array],
    claims: Mapping[str, Array],
    cotangent: Array,
    rng: np.random.Generator,
    borders: Mapping[str, Array] | None = None,
) -> dict[str, float]:
    """Return the arrays whose claimed gradients a joint look accepts, with their resolution.

    Parameters
    ----------
    forward
        A batch of named arrays like ``arrays`` -> the outputs at each.
    arrays, claims
        The point and the claimed gradient of ``sum(cotangent * y)``, of one float dtype.
    cotangent
        Like the output.
    borders
        Distance of each element to the edge of its domain, for arrays that have one.
    """
    if len({one.dtype for one in arrays.values()}) != 1 or not all(
        np.isfinite(claims[name]).all() and one.size for name, one in arrays.items()
    ):
        return {}
    line = _Joined(forward, arrays, claims, cotangent, borders or {})
    directions, tolerances, included = line.balanced(draw_directions(line.probe, rng))
    if not included or not line.probe.finite:
        return {}
    step = _quiet_step(line.probe, min(tolerances))
    if rounding_of_slope(line.probe, step) > min(tolerances):
        return {}
    slopes = far_slopes(line.probe, directions, step)
    for direction, tolerance, slope in zip(directions, tolerances, slopes, strict=True):
        if not abs(slope - line.probe.claim_along(direction)) <= tolerance:
            return {}
    return {name: 2 * line.targets[name] for name in included}


class _Joined:
    """The arrays laid end to end as one probe, each part with its own scale."""

    def __init__(
        self,
        forward: NamedForward,
        arrays: Mapping[str, Array],
        claims: Mapping[str, Array],
        cotangent: Array,
        borders: Mapping[str, Array],
    ) -> None:
        self.parts: dict[str, slice] = {}
        at = 0
        for name, array in arrays.items():
            self.parts[name] = slice(at, at + array.size)
            at += array.size
        claim = np.concatenate([claims[name].ravel() for name in arrays])

        def split(flat: Array) -> dict[str, Array]:
            return {name: flat[part].reshape(arrays[name].shape) for name, part in parts}

        parts = list(self.parts.items())
        self.probe = Probe(
            lambda points: forward([split(point) for point in points]),
            lambda *_: claim,
            np.concatenate([array.ravel() for array in arrays.values()]),
            cotangent,
        )
        self.probe.backward_calls = 0  # the claims were there before
        self.probe.scale = np.concatenate(
            [self._scale(arrays[name], borders.get(name)) for name in arrays]
        )
        self.targets = {
            name: resolution_target(self.probe, array.size) for name, array in arrays.items()
        }

    def balanced(self, directions: Floats) -> tuple[Floats, list[float], list[str]]:
        """Damp each part of each direction; return also the tolerances and the parts included."""
        tolerances: list[float] = []
        left_out: set[str] = set()
        for direction in directions:
            aims = self._aims(direction)
            smallest = min((aim for aim in aims.values() if aim > 0), default=0.0)
            for name, part in self.parts.items():
                damping = _power_of_two(smallest / aims[name]) if aims[name] > 0 else 0.0
                if damping < _LEAST_DAMPING:
                    left_out.add(name)
                direction[part] *= damping
        for name in left_out:
            directions[:, self.parts[name]] = 0.0
        included = [name for name in self.parts if name not in left_out]
        for direction in directions:
            aims = self._aims(direction)
            tolerances.append(min((aims[name] for name in included), default=0.0))
        return directions, tolerances, included

    def _aims(self, direction: Floats) -> dict[str, float]:
        """Return the discrepancy that must be seen, for each part."""
        terms = self.probe.g * direction
        return {
            name: self.targets[name] * root_sum_squares(terms[part])
            for name, part in self.parts.items()
        }

    def _scale(self, array: Array, border: Array | None) -> Floats:
        return self.probe.scale_of(array, border).ravel()


def _power_of_two(ratio: float) -> float:
    return float(2.0 ** np.floor(np.log2(ratio))) if ratio > 0 else 0.0


def _quiet_step(probe: Probe, tolerance: float) -> float:
    step = first_step(probe)
    while step < LARGEST_QUIET and rounding_of_slope(probe, step) > tolerance:
        step *= 2.0
    return step
