"""The derivative of a function along a direction, with everything the engine knows about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gradcheck.numerics.estimates import select
from gradcheck.numerics.probe import Probe
from gradcheck.numerics.rounding import Array, Bools, Floats
from gradcheck.numerics.sketch import first_step
from gradcheck.numerics.stencil import stencil


@dataclass(frozen=True, slots=True)
class Derivative:
    """A directional derivative of every output.

    ``value``, ``error``, ``step`` and ``kink`` are like the output. ``error`` bounds
    |value - truth|; at a ``kink`` it reaches from the left to the right slope. ``step`` is the
    step kept, as a multiple of the scale of x; ``evaluations`` counts calls of f.
    """

    value: Floats
    error: Floats
    step: Floats
    kink: Bools
    evaluations: int


def differentiate(
    f: Callable[[Array], Any], x: npt.ArrayLike, direction: npt.ArrayLike | None = None
) -> Derivative:
    """Differentiate ``f`` at ``x`` along ``direction`` by finite differences with error bounds.

    Parameters
    ----------
    f
        A function of a floating-point array like ``x``, with a real array or number as value.
        It gets a copy that it may keep; it need not be pure in what it caches.
    x
        The point, floating point, any shape.
    direction
        Like ``x``. May be left out where x has a single element: then it is 1.

    Returns
    -------
    Derivative
        Slopes of all outputs with an error bound for each, from two or three five-point
        differences (9 to 13 evaluations).

    Raises
    ------
    TypeError
        ``x`` is not of a floating-point dtype, or ``f`` returns no real numbers.
    ValueError
        ``direction`` is missing, of another shape, or zero; ``f`` is not finite at ``x``.
    """
    point = np.asarray(x)
    if point.dtype.kind != "f":
        raise TypeError(
            f"differentiate needs a floating-point x; got dtype {point.dtype}: "
            "cast with x.astype(float)"
        )
    along = _direction(point, direction)
    probe = Probe(_each(f), lambda at, _: np.zeros_like(at), point, None)
    if not np.isfinite(probe.y0).all():
        raise ValueError("f is not finite at x, so it has no derivative there")
    # The unit of the line is the scale of x, so that a step is relative whatever |direction| is.
    unit = float(probe.scale.max()) / float(np.abs(along).max())
    lines = (along * unit)[np.newaxis]
    base = first_step(probe)
    stencils = [stencil(probe, lines, base * factor) for factor in (2.0**5, 1.0)]
    _, kept, _ = select(probe, stencils)
    if not np.isfinite(kept.error).all() or kept.flagged.any():
        stencils.append(stencil(probe, lines, base * 2.0**-5))
        _, kept, _ = select(probe, stencils)
    shape = probe.cotangent.shape
    return Derivative(
        (kept.slope[0] / unit).reshape(shape),
        (kept.error[0] / unit).reshape(shape),
        kept.step[0].reshape(shape),
        kept.kinked[0].reshape(shape),
        probe.forward_calls,
    )


def _each(f: Callable[[Array], Any]) -> Callable[[Sequence[Array]], list[Array]]:
    def forward(points: Sequence[Array]) -> list[Array]:
        return [_real(np.array(f(point))) for point in points]

    return forward


def _real(value: Array) -> Array:
    if value.dtype.kind not in "fiub":
        raise TypeError(f"differentiate needs f to return real numbers; got dtype {value.dtype}")
    return value


def _direction(x: Array, direction: npt.ArrayLike | None) -> Floats:
    if direction is None:
        if x.size != 1:
            raise ValueError(
                f"x has {x.size} elements: say along which direction, an array of shape {x.shape}"
            )
        return np.ones(x.shape)
    along = np.asarray(direction, dtype=np.float64)
    if along.shape != x.shape:
        raise ValueError(f"direction has shape {along.shape}, x has shape {x.shape}")
    if not np.isfinite(along).all() or not along.any():
        raise ValueError("direction must be finite and not zero")
    return along
