"""What the arithmetic can resolve: unit round-offs, scales, and sums that do not underflow.

All relative quantities are formed without squaring raw values: outputs of 1e-243 occur
(saturated layers), their squares are zero, and an error bound of zero accuses everybody.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def unit_roundoff(dtype: npt.DTypeLike) -> float:
    """Return half the distance from 1 to the next number of ``dtype`` (2^-53 for float64)."""
    kind = np.dtype(dtype)
    return float(np.finfo(kind).eps) / 2 if kind.kind in "fc" else 2.0**-53


def smallest_normal(dtype: npt.DTypeLike) -> float:
    """Return the number below which ``dtype`` loses digits; as a float64, at least 2^-1022."""
    kind = np.dtype(dtype)
    tiny = float(np.finfo(kind).tiny) if kind.kind in "fc" else 0.0
    return max(tiny, float(np.finfo(np.float64).tiny))


def smallest_subnormal(roundoff: float) -> float:
    """Return the smallest positive number of the dtype with that unit round-off."""
    kind = np.float64 if roundoff < 1e-12 else np.float32
    return float(np.finfo(kind).smallest_subnormal)


def root_sum_squares(values: npt.ArrayLike) -> float:
    """Return sqrt(sum |v|^2) over all elements, without overflow or underflow."""
    flat = np.asarray(values, dtype=np.float64).ravel()
    with np.errstate(over="ignore", invalid="ignore"):
        square = float(np.dot(flat, flat))
    if 1e-280 < square < 1e280:  # nothing over- or underflowed that counts: one pass is enough
        return float(np.sqrt(square))
    magnitude = np.abs(flat)
    if magnitude.size == 0:
        return 0.0
    largest = float(magnitude.max())
    if not np.isfinite(largest) or largest == 0.0:
        return largest
    return largest * float(np.sqrt(np.square(magnitude / largest).sum()))


def root_mean_squares(rows: Floats) -> Floats:
    """Return the root mean square over the first axis, without overflow or underflow."""
    largest = np.abs(rows).max(axis=0)
    divisor = np.where(largest > 0, largest, 1.0)
    mean: Floats = np.square(rows / divisor).mean(axis=0)
    return np.where(largest > 0, largest * np.sqrt(mean), 0.0)


def typical_scale(x: Array) -> float:
    """Return the power of two nearest to the root mean square of ``x``; 1 if ``x`` is zero.

    A power of two keeps ``x + step * direction`` exactly representable, so the input is not
    rounded and contributes nothing to the error of the difference.
    """
    if x.size == 0:
        return 1.0
    rms = root_sum_squares(x) / float(np.sqrt(x.size))
    return 2.0 ** float(np.round(np.log2(rms))) if 0 < rms < np.inf else 1.0
