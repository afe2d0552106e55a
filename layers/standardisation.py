"""Numbers of mean zero and variance one: what all normalising layers share, and its gradient.

Over the n numbers x_1 ... x_n of one group, with s = 1 / sqrt(v + eps),

    m = (1/n) sum_i x_i,   c_i = x_i - m,   v = (1/n) sum_i c_i^2,   x^_i = c_i s.

Gradients g_i = dL/dx^_i reach x_k in three ways: straight, through m and through v. With
dc_i/dx_k = [i = k] - 1/n, with dv/dx_k = (2/n) sum_i c_i ([i = k] - 1/n) = (2/n) c_k, as the
c_i sum to zero, and with ds/dv = -s^3 / 2,

    dx_k = sum_i g_i (dc_i/dx_k s + c_i ds/dv dv/dx_k)
         = s (g_k - (1/n) sum_i g_i) - (1/n) s^3 c_k sum_i g_i c_i
         = s (g_k - mean(g) - x^_k mean(g x^)).

The last line is what is computed: c s = x^ of order one stands in it wherever x would, so nothing
large cancels however far x lies from zero. Of a single number, n = 1, x^ and dx are exactly zero.
"""

from math import prod

import numpy as np

from layers.layer import Array

Axes = tuple[int, ...]


def average(values: Array, axes: Axes) -> Array:
    """Return the mean along ``axes``, which stay with size one; the mean of no numbers is zero."""
    count = prod(values.shape[axis] for axis in axes)
    mean: Array = np.sum(values, axis=axes, keepdims=True) / max(count, 1)
    return mean


def moments(x: Array, axes: Axes) -> tuple[Array, Array, Array]:
    """Return the mean m, the centred c = x - m, and the variance v = mean(c^2) along ``axes``.

    float16 is computed, and returned, in float32: its squares overflow beyond 256. The gradient
    takes that dtype from s.
    """
    x = x.astype(np.result_type(x, np.float32), copy=False)
    # Distances from the first number come before the mean: equal numbers are then zero exactly,
    # where a rounded mean would leave a rest for 1 / sqrt(eps) to blow up, and so is any offset.
    first = x[tuple(slice(1 if axis in axes else None) for axis in range(x.ndim))]
    apart = x - first
    shift = average(apart, axes)
    centred = apart - shift
    return first + shift, centred, average(centred * centred, axes)


def standardise(x: Array, axes: Axes, eps: float) -> tuple[Array, Array]:
    """Return x^ in the dtype of x, and the factor s, its axes kept with size one."""
    _, centred, variance = moments(x, axes)
    s = 1 / np.sqrt(variance + eps)
    return np.asarray(centred * s, x.dtype), s


def standardised_gradient(g: Array, x_hat: Array, s: Array, axes: Axes) -> Array:
    """Return dx = s (g - mean(g) - x^ mean(g x^)) in the shape and dtype of g = dL/dx^."""
    wide = g.astype(s.dtype, copy=False)
    dx = s * (wide - average(wide, axes) - x_hat * average(wide * x_hat, axes))
    return np.asarray(dx, g.dtype)


def per_channel(parameter: Array, x: Array) -> Array:
    """View (C,) as (C, 1, ..., 1), so that it meets the channels of x: (N, C, ...)."""
    return parameter.reshape(-1, *[1] * (x.ndim - 2))


def all_but_channels(x: Array) -> Axes:
    """Return the axes of x: (N, C, ...) without C, along which gradients of channels add up."""
    return (0, *range(2, x.ndim))
