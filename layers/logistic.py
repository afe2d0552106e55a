"""The logistic function, also called sigmoid, its integral and its slope, and that of tanh.

All hold to the last digits at both ends, and nothing overflows: of e^x and e^-x only the one that
is at most one is ever taken. For real x that is e^-|x|; min(x, -x) says the same of real numbers,
and of complex ones picks by the real part. So all are analytic, and a complex step goes through.
"""

import numpy as np

from layers.layer import Array


def sigmoid(x: Array) -> Array:
    """Return s(x) = 1 / (1 + e^-x), which for negative x is e^x / (1 + e^x).

    1 - s(x) is ``sigmoid(-x)``: subtracting would leave no digits of it once s(x) is near one.
    """
    # Numbers of the dtype of x: NumPy 1 would widen a 0-d float32 at the sight of a plain 1.
    zero, one = x.dtype.type(0), x.dtype.type(1)
    y: Array = np.exp(np.minimum(x, zero)) / (one + np.exp(np.minimum(x, -x)))
    return y


def sigmoid_slope(x: Array) -> Array:
    """Return s'(x) = s(x) s(-x) = e^-x / (1 + e^-x)^2, which is even in x."""
    e = np.exp(np.minimum(x, -x))
    slope: Array = e / np.square(x.dtype.type(1) + e)
    return slope


def tanh_slope(x: Array) -> Array:
    """Return 1 - tanh^2 x = 4 / (e^x + e^-x)^2, with all the digits that the subtraction loses."""
    # With e = e^-|x| it is (2 e / (1 + e^2))^2.
    e = np.exp(np.minimum(x, -x))
    slope: Array = np.square((e + e) / (x.dtype.type(1) + e * e))
    return slope


def softplus(x: Array) -> Array:
    """Return ln(1 + e^x), whose derivative is the sigmoid: -ln s(-x), without overflow."""
    y: Array = np.maximum(x, x.dtype.type(0)) + np.log1p(np.exp(np.minimum(x, -x)))
    return y
