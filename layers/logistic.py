"""The logistic function and its integral, for losses on logits; exact at both ends."""

import numpy as np

from layers.layer import Array


def softplus(x: Array) -> Array:
    """Return ln(1 + e^x), which is -ln of the sigmoid of -x, without overflow."""
    return np.asarray(np.logaddexp(np.zeros_like(x), x))


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + e^-x), the derivative of softplus, from the exponent -|x| only."""
    e = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, np.ones_like(x), e) / (1 + e))
