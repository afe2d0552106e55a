"""The textbook numerical gradient, against which a network can check its backpropagation."""

from collections.abc import Callable
from typing import Any

import numpy as np

from layers.layer import Array


def central_difference(f: Callable[[Array], Any], array: Array) -> Array:
    """Return dL/da for every element a of ``array``, with L = f(array) a scalar.

    (L(a + h) - L(a - h)) / 2h is off by h^2/6 times the third derivative, and by rounding of
    about eps |L| / h; the two balance near h = eps^(1/3). ``array`` must be floating and
    writeable: each element is moved in place, seen by an f that reads the array from elsewhere,
    and put back. The result has the shape and dtype of ``array``.

    Source: Press et al., "Numerical Recipes" (3rd ed., 2007), sec. 5.7.
    """
    gradient = np.zeros_like(array)
    step = np.finfo(array.dtype).eps ** (1 / 3)
    for index in np.ndindex(array.shape):
        gradient[index] = _slope(f, array, index, step * max(1, abs(array[index])))
    return gradient


def _slope(f: Callable[[Array], Any], array: Array, index: tuple[int, ...], step: float) -> Any:
    centre = array[index]
    try:
        array[index] = centre + step
        upper, above = array[index], f(array)
        array[index] = centre - step
        lower, below = array[index], f(array)
    finally:
        # By assignment: adding and subtracting the step would not lead back exactly.
        array[index] = centre
    # Divided by the distance between the points that were reached after rounding, not by 2h.
    return (above - below) / (upper - lower)
