"""More digits, where the forward has them: longdouble evaluation and the complex step.

Both are probed and never trusted alone. Three quarters of NumPy's idioms keep longdouble; where
one does not, the noise estimate of the stencil shows it. The complex step

    f(x + i h v) = f(x) + i h Jv + O(h^2),    Jv = Im f(x + i h v) / h

has no difference and so no cancellation (Squire and Trapp, SIAM Review 40, 1998), but is silently
wrong where the forward is not analytic as written (``np.sign(x) * x``, ``np.vdot``); so it counts
only where it agrees with the difference, and it never accuses.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from gradcheck.numerics.probe import Probe
from gradcheck.numerics.rounding import Array, Floats, root_sum_squares, unit_roundoff

_SAFETY = 8.0
_PAIRS = 2
_HEIGHT = 2.0**-70  # its square is below the rounding of any f(x) beside it


def in_longdouble(probe: Probe) -> Probe | None:
    """Return the same probe in longdouble, or None where the platform or the forward has none.

    The outputs must come back as longdouble and agree with those of float64.
    """
    finer = np.longdouble
    if unit_roundoff(finer) >= unit_roundoff(np.float64) or probe.x.dtype != np.float64:
        return None
    border = None if probe.border is None else probe.border.astype(finer)
    try:
        fine = Probe(probe.forward, probe.pullback, probe.x.astype(finer), probe.cotangent, border)
    except (TypeError, ValueError):
        return None
    probe.forward_calls += fine.forward_calls
    probe.backward_calls += fine.backward_calls
    if fine.first.dtype != finer or fine.first.shape != probe.first.shape or not fine.finite:
        return None
    # The halves of the digits: how many more are right is what the cross-check is for.
    size = np.abs(probe.y0)
    close = np.abs(fine.y0 - probe.y0) <= 2.0**-26 * (size + size.max(initial=0.0))
    return fine if close.all() else None


def complex_slopes(probe: Probe, directions: Floats) -> tuple[Floats, Floats] | None:
    """Return ``<u, J v>`` along each direction and its error bound, or None.

    None where the forward does not pass complex numbers through, warns while it does, or gives
    another real part for them.
    """
    at = probe.centre
    values = _complex_outputs(probe, [at, *(at + 1j * _HEIGHT * v for v in directions)])
    if values is None or not _agrees(values[0], probe):
        return None
    slopes = values[1:].imag @ probe.u / _HEIGHT
    sizes = np.array([root_sum_squares(probe.u * row.imag / _HEIGHT) for row in values[1:]])
    scatter = np.zeros(len(directions))
    for k in range(_PAIRS):  # symmetric pairs: the change of the slope itself cancels
        shift = 2.0**-26 * probe.scale * np.cos(np.arange(at.size).reshape(at.shape) + k)
        moved = [at + side * shift + 1j * _HEIGHT * v for v in directions for side in (1.0, -1.0)]
        pair = _complex_outputs(probe, moved)
        if pair is None:
            return None
        around = (pair.imag @ probe.u / _HEIGHT).reshape(len(directions), 2).sum(axis=1)
        scatter = np.maximum(scatter, np.abs(around - 2 * slopes))
    return slopes, _SAFETY * np.maximum(scatter, probe.roundoff * sizes)


def _complex_outputs(probe: Probe, points: Sequence[Array]) -> Array | None:
    probe.forward_calls += len(points)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("error")
            values = [np.asarray(y) for y in probe.forward([p.astype(complex) for p in points])]
    except Exception:  # noqa: BLE001 - whatever it is, this forward takes no complex numbers
        return None
    if any(y.dtype.kind != "c" or y.shape != probe.first.shape for y in values):
        return None
    stacked = np.array([y.ravel() for y in values])
    return stacked if np.isfinite(stacked).all() else None


def _agrees(value: Array, probe: Probe) -> bool:
    size = np.abs(probe.y0)
    bound = 64 * probe.roundoff * (size + size.max(initial=0.0))
    return bool((np.abs(value.real - probe.y0) <= bound).all() and not value.imag.any())
