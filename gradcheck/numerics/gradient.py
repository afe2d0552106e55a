"""The gradient of a scalar function, element by element, in place.

``numerical_gradient`` is what people write by hand in every course, with the traps removed: the
step follows the scale of x and shrinks beside a kink, integers are refused, and x comes back bit
for bit, also when f raises.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck.numerics.bounds import STANDS_OUT
from gradcheck.numerics.rounding import Array, smallest_normal, typical_scale, unit_roundoff
from gradcheck.numerics.stencil import five_point

_OFFSETS = (1.0, -1.0, 2.0, -2.0)
_STRIDE = 2.0**4
# Roughness below this share of the rise counts as straight: truncation is of its square, and a
# kink that hides below it costs no more than the share itself.
_STRAIGHT = 2.0**-20
_DESCENTS = 3
_SHARP = 2.0**-33  # rounding below this share of the rise: no larger step is tried


def numerical_gradient(f: Callable[[Array], Any], x: Array) -> Array:
    """Return the gradient of the scalar function ``f`` at ``x`` by finite differences.

    ``x`` itself is perturbed in place, one element at a time, and every element is restored bit
    for bit before the next one moves and when ``f`` raises. So ``f`` may ignore its argument and
    read the array that it shares: ``numerical_gradient(lambda _: net.loss(x, t), net.W1)``.

    Parameters
    ----------
    f
        Called with ``x``; returns a real scalar (a number, or an array of one element).
    x
        A writable floating-point array of any shape and layout (also 0-d and empty).

    Returns
    -------
    numpy.ndarray
        Like ``x`` in shape and dtype. An element where no step gives finite values is nan.

    Raises
    ------
    TypeError
        ``x`` is no array, or not of a floating-point dtype (perturbing integers truncates the
        step to whole numbers: cast with ``x.astype(float)``); ``f`` returns no real scalar.
    ValueError
        ``x`` is read-only or has elements that share memory.

    Notes
    -----
    Four evaluations for most elements: the five-point difference of order four (its derivation
    is in ``stencil.py``) at 2^-11 of the scale of x in float64, 2^-6 in float32. Four more at a
    larger step where the gradient is small beside f, and up to twelve more at smaller steps
    beside a kink or near the border of the domain.
    """
    _refuse_unfit(x)
    gradient = np.empty_like(x, subok=False)
    if x.size == 0:
        return gradient
    value = _scalar(f(x))
    roundoff = max(unit_roundoff(value.dtype), unit_roundoff(x.dtype))
    scale = typical_scale(x)
    for index in np.ndindex(x.shape):
        own = _own_scale(abs(float(x[index])), scale)
        gradient[index] = _element(f, x, index, np.float64(value), own, roundoff)
    return gradient


def _own_scale(size: float, typical: float) -> float:
    """Return the scale of one element: the typical one, but not that of a distant outlier.

    A mask of -1e9 beside ordinary numbers makes rms(x) useless for them; where x is large, an
    element that is not is taken at its own size, or at one.
    """
    if not typical > 1 or not np.isfinite(size):
        return typical
    return float(min(typical, 2.0 ** np.ceil(np.log2(max(size, 1.0)))))


def _element(
    f: Callable[[Array], Any],
    x: Array,
    index: tuple[int, ...],
    y0: np.float64,
    scale: float,
    roundoff: float,
) -> float:
    single = roundoff > 1e-12
    floor = max(roundoff * abs(float(y0)), smallest_normal(np.float32 if single else np.float64))
    first = (2.0**-6 if single else 2.0**-11) * scale
    slope, rough = _difference(f, x, index, y0, first)
    if np.isfinite(rough) and rough <= max(_STRAIGHT * abs(slope) * first, STANDS_OUT * floor):
        if floor <= _SHARP * abs(slope) * first:
            return slope
        # Small beside f: a larger step, if y is still straight there, has less rounding in it.
        wide, bend = _difference(f, x, index, y0, first * _STRIDE)
        return wide if bend <= max(floor, rough) * _STRIDE else slope
    return _descend(f, x, index, y0, floor, [(slope, rough, first)])


def _descend(
    f: Callable[[Array], Any],
    x: Array,
    index: tuple[int, ...],
    y0: np.float64,
    floor: float,
    seen: list[tuple[float, float, float]],
) -> float:
    """Take smaller steps: y bends, has a kink within reach, or its domain ends nearby.

    Where y is smooth the roughness falls with the cube of the step and the error of the slope with
    its fourth power, so the slope before last is kept only if the last one does not contradict it
    beyond rounding. Where it never falls so fast the tightest of all bounds decides.
    """
    for _ in range(_DESCENTS):
        slope, rough, step = seen[-1]
        finer, less, smaller = *_difference(f, x, index, y0, step / _STRIDE), step / _STRIDE
        seen.append((finer, less, smaller))
        if np.isfinite(rough) and less <= max(rough / _STRIDE**2, STANDS_OUT * floor):
            # Terms that cancel leave more rounding than the size of y tells: roughness shows it.
            return slope if abs(slope - finer) <= 2 * max(floor, less) / smaller else finer
    slope, rough, step = min(seen, key=lambda one: max(floor, one[1]) / one[2])
    return slope if np.isfinite(rough) else np.nan


def _difference(
    f: Callable[[Array], Any], x: Array, index: tuple[int, ...], y0: np.float64, step: float
) -> tuple[float, float]:
    """Return slope and roughness of one element at one step; (nan, inf) off the domain."""
    nodes = _nodes(f, x, index, step)
    with np.errstate(all="ignore"):
        slope, *_, roughness = five_point(y0, nodes, step)
    return (float(slope), float(roughness)) if np.isfinite(roughness) else (np.nan, np.inf)


def _nodes(
    f: Callable[[Array], Any], x: Array, index: tuple[int, ...], step: float
) -> tuple[np.float64, np.float64, np.float64, np.float64]:
    original = x[index].copy()
    values = []
    try:
        for offset in _OFFSETS:
            x[index] = original + offset * step
            values.append(np.float64(_scalar(f(x))))
    finally:
        x[index] = original
    return values[0], values[1], values[2], values[3]


def _scalar(value: Any) -> Any:
    array = np.asarray(value)
    if array.size != 1 or array.dtype.kind not in "fiub":
        raise TypeError(
            f"numerical_gradient needs f to return one real number; it returned "
            f"{type(value).__name__} of shape {array.shape} and dtype {array.dtype}. "
            "For an array-valued function contract it first, as in (cotangent * y).sum()."
        )
    return array.reshape(())[()]


def _refuse_unfit(x: Array) -> None:
    if not isinstance(x, np.ndarray):
        raise TypeError(
            f"numerical_gradient needs x as a NumPy array, to perturb it in place; "
            f"got {type(x).__name__}: use np.array(x, dtype=float)"
        )
    if x.dtype.kind != "f":
        raise TypeError(
            f"numerical_gradient needs a real floating-point array; got dtype {x.dtype}, "
            "in which a small step is lost: cast with x.astype(float)"
        )
    if not x.flags.writeable:
        raise ValueError(
            "numerical_gradient perturbs x in place, and this x is read-only: pass x.copy() "
            "and let f use its argument"
        )
    if _shares_memory_with_itself(x):
        raise ValueError(
            "elements of x share memory (a broadcast or sliding view), so none can be moved "
            "alone: pass x.copy()"
        )


def _shares_memory_with_itself(x: Array) -> bool:
    """Whether two elements may overlap: an axis steps less than the ones inside it span."""
    span = x.itemsize
    axes = zip(map(abs, x.strides), x.shape, strict=True)
    for step, size in sorted((step, size) for step, size in axes if size > 1):
        if x.size and step < span:
            return True
        span += step * (size - 1)
    return False
