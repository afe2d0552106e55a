"""One array of one call under differentiation: the function, the cotangent, the claim.

Notation of the whole room: ``x`` the array that is perturbed (n elements), ``u`` the cotangent,
``y = f(x)`` the outputs (m elements, flattened), ``g`` the gradient that the layer's own backward
claims for ``<u, y>``, ``v`` a direction in the space of x, ``d`` a step along it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np

from gradcheck.numerics.memory import keep_freed_blocks
from gradcheck.numerics.rounding import (
    Array,
    Floats,
    root_sum_squares,
    smallest_normal,
    typical_scale,
    unit_roundoff,
)

Forward = Callable[[Sequence[Array]], Sequence[Array]]
"""Many points at once, because a confined worker answers them in one message."""
Pullback = Callable[[Array, Array], Array]
"""(x, u) -> g, computed by the code under check, with a forward at x right before it."""


_LARGE = 2**13  # bytes; three directions and six outputs are many times that
_AT_ONCE = 2**14
"""Elements in one batch of points: few large points share memory that the cache still holds."""


class Probe:
    """The function ``x -> y`` around one point, and how often it was asked.

    ``border`` (like x, or None) is the distance of each element to the edge of the domain;
    no evaluation moves an element by more than a quarter of it. Without a cotangent it is ones.
    """

    def __init__(
        self,
        forward: Forward,
        pullback: Pullback,
        x: Array,
        cotangent: Array | None,
        border: Array | None = None,
    ) -> None:
        self.forward, self.pullback, self.border = forward, pullback, border
        if x.nbytes >= _LARGE:
            keep_freed_blocks()
        self.x = x
        self.centre = x.astype(np.float64)
        self.forward_calls = self.backward_calls = 0
        first = self._raw([x.copy()])[0]
        self.first = first
        self.y0: Floats = first.astype(np.float64).ravel()
        self.cotangent = np.ones(first.shape) if cotangent is None else cotangent
        self.u: Floats = self.cotangent.astype(np.float64).ravel()
        claim = np.asarray(pullback(x.copy(), self.cotangent))
        self.backward_calls += 1
        if claim.shape != x.shape:
            raise ValueError(f"the gradient has shape {claim.shape}, x has shape {x.shape}")
        self.g: Floats = claim.astype(np.float64)
        self.roundoff_in = unit_roundoff(x.dtype)
        self.roundoff = max(unit_roundoff(first.dtype), self.roundoff_in)
        # The claim is contracted in float64, so it is never sharper than that.
        self.roundoff_claim = max(self.roundoff, unit_roundoff(claim.dtype), 2.0**-53)
        self.scale = self.scale_of(x, border)

    @cached_property
    def output_rounding(self) -> Floats:
        """The rounding of each output, from its size."""
        tiny = smallest_normal(np.float64 if self.double else np.float32)
        return np.maximum(self.roundoff * np.abs(self.y0), tiny)

    @cached_property
    def contracted_rounding(self) -> float:
        """The rounding of ``<u, y>`` as it adds up at random over the outputs."""
        return root_sum_squares(self.u * self.output_rounding)

    @property
    def large(self) -> bool:
        """Whether arrays leave the cache, so that one must not keep what can be had again."""
        return max(self.x.size, self.y0.size) > _AT_ONCE

    @property
    def double(self) -> bool:
        """Whether input and output carry at least the digits of float64."""
        return self.roundoff < 1e-12

    @property
    def finite(self) -> bool:
        """Whether the outputs and the claimed gradient are finite numbers."""
        return bool(np.isfinite(self.y0).all() and np.isfinite(self.g).all())

    @property
    def output_magnitude(self) -> float:
        """||u * y||, the size of the terms of the contracted output."""
        return root_sum_squares(self.u * self.y0)

    def outputs(self, points: Iterable[Floats]) -> Floats:
        """Return the flattened outputs at ``points``, shape (number of points, m)."""
        rows = [row.astype(np.float64).ravel() for row in self._shaped(points)]
        return np.array(rows).reshape(len(rows), self.y0.size)

    def rises(self, points: Iterable[Floats], count: int) -> Floats:
        """Return the flattened ``y - y0`` at ``count`` points, shape (count, m).

        Subtracted in the dtype of the outputs, so that a longdouble forward keeps its digits;
        the small differences themselves fit float64.
        """
        rises = np.empty((count, *self.first.shape))
        with np.errstate(all="ignore"):
            for number, row in enumerate(self._shaped(points)):
                np.subtract(row, self.first, out=rises[number, ...], casting="same_kind")
        return rises.reshape(count, self.y0.size)

    def contracted_gaps(self, points: Iterable[Floats]) -> Iterator[float]:
        """Yield ``<u, y1 - y2>`` of each two points, keeping nothing."""
        values = self._shaped(points)
        for above in values:
            below = next(values)
            with np.errstate(all="ignore"):
                gap = float((above - below).astype(np.float64, copy=False).ravel() @ self.u)
            del above, below  # or they take up the cache while the next ones are computed
            yield gap

    def _shaped(self, points: Iterable[Floats]) -> Iterator[Array]:
        # The points were made for this call: no copy where they have the dtype already.
        remaining = (point.astype(self.x.dtype, copy=False) for point in points)
        while chunk := list(itertools.islice(remaining, max(1, _AT_ONCE // self.x.size))):
            for row in self._raw(chunk):
                # A layer that answers in another shape elsewhere has no derivative to speak of.
                same = row.shape == self.first.shape
                yield row if same else np.full(self.first.shape, np.nan)

    def claim_along(self, direction: Floats, cotangent: Floats | None = None) -> float:
        """Return ``<g, v>``; with another cotangent the layer's backward is asked again."""
        if cotangent is None:
            return float((self.g * direction).sum())
        return self.claim_at(self.centre, direction, cotangent)

    def claim_at(self, point: Floats, direction: Floats, cotangent: Floats | None = None) -> float:
        """Return ``<g(point; cotangent), v>`` from a fresh backward at ``point``."""
        return float((self.gradient_at(point, cotangent) * direction).sum())

    def gradient_at(self, point: Floats, cotangent: Floats | None = None) -> Floats:
        """Return the claimed gradient from a fresh backward at ``point``."""
        self.backward_calls += 1
        self.forward_calls += 1
        u = self.cotangent
        if cotangent is not None:
            u = cotangent.reshape(u.shape).astype(u.dtype)
        return np.asarray(self.pullback(point.astype(self.x.dtype), u), dtype=np.float64)

    def moved(self, x: Array) -> Probe:
        """Return the probe of the same function at another point."""
        return Probe(self.forward, self.pullback, x, self.cotangent, self.border)

    @staticmethod
    def scale_of(x: Array, border: Array | None = None) -> Floats:
        """Return the unit of steps for each element, at most its distance to the border."""
        scale = np.broadcast_to(typical_scale(x), x.shape)  # one number: no pass over memory
        if border is None:
            return scale
        room = np.abs(border.astype(np.float64))
        own = 2.0 ** np.floor(np.log2(np.where(room > 0, room, 1.0)))
        return np.where(room > 0, np.minimum(own, scale), 0.0)

    def shrink_scale(self) -> None:
        """Make steps relative to each element, for a point near an unknown border."""
        magnitude = np.abs(self.centre)
        own = 2.0 ** np.floor(np.log2(np.where(magnitude > 0, magnitude, 1.0)))
        self.scale = np.where(magnitude > 0, np.minimum(own, self.scale), self.scale)

    def _raw(self, points: Sequence[Array]) -> list[Array]:
        self.forward_calls += len(points)
        values = (np.asarray(y) for y in self.forward(points))
        return [y if y.dtype.kind in "fc" else y.astype(np.float64) for y in values]
