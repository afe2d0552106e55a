"""The two squashing functions of recurrent cells, each returned with its slope.

The slope is computed beside the value and not from it: once a gate is saturated, 1 - y has no
digits left. Both functions are analytic and take complex arrays too.
"""

import numpy as np

from layers.layer import Array


def sigmoid(a: Array) -> tuple[Array, Array]:
    """Return s = 1 / (1 + e^-a) and ds/da = e^-a / (1 + e^-a)^2."""
    # Both are also functions of e^a; whichever exponent is not positive cannot overflow.
    left = a.real < 0
    e, one = np.exp(np.where(left, a, -a)), np.ones_like(a)
    return np.where(left, e, one) / (one + e), e / (one + e) ** 2


def tanh(a: Array) -> tuple[Array, Array]:
    """Return tanh a and its slope 1 - tanh^2 a.

    tanh a = 2 s(2a) - 1 with the sigmoid s, so the slope is 4 s'(2a).
    """
    return np.tanh(a), 4 * sigmoid(2 * a)[1]


def relu(a: Array) -> tuple[Array, Array]:
    """Return max(a, 0) and its slope: one where a > 0, zero elsewhere, the kink too."""
    return np.maximum(a, np.zeros_like(a)), (a > 0).astype(a.dtype)
