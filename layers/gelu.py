"""GELU: x times the probability that a standard normal variable lies below x.

Source: Hendrycks, Gimpel, "Gaussian Error Linear Units (GELUs)" (2016), sec. 2.
"""

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from layers.activations import ELEMENTWISE
from layers.layer import Array, Layer, snapshot
from layers.logistic import sigmoid
from layers.normal import PI, normal_density, normal_distribution


class GELU(Layer):
    """y = x Phi(x), with the normal distribution function Phi(x) = (1 + erf(x / sqrt 2)) / 2.

    Phi' is the normal density phi(x) = e^(-x^2/2) / sqrt(2 pi), so dx = dy (Phi(x) + x phi(x)).

    x, y: any one shape, any floating dtype. The relative error of y is a few units in the last
    place wherever Phi(x) is a normal number, far left too: see :mod:`layers.normal`.
    """

    forms: ClassVar[tuple[str, ...]] = ELEMENTWISE
    _x: Array | None = None

    def forward(self, x: ArrayLike) -> Array:
        """Return x Phi(x)."""
        self._x = x = snapshot(x)
        return np.asarray(x * normal_distribution(x), dtype=x.dtype)

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        x = self._recall(self._x)
        slope = normal_distribution(x) + x * normal_density(x)
        return np.asarray(self._upstream(dout, x) * slope, dtype=x.dtype)


class GELUTanh(Layer):
    """y = (x/2) (1 + tanh g(x)) with g(x) = sqrt(2/pi) (x + 0.044715 x^3), close to GELU.

    1 + tanh g = 2 s(2g) with the sigmoid s, where nothing cancels, so y = x s(2g). Its derivative
    is s' = s(2g) s(-2g), hence dx = dy s(2g) (1 + 2 x g'(x) s(-2g)) with
    g'(x) = sqrt(2/pi) (1 + 3 * 0.044715 x^2).

    x, y: any one shape, any floating dtype; x may be as large as the dtype holds. Differs from
    GELU by at most 5e-4.
    """

    forms: ClassVar[tuple[str, ...]] = ELEMENTWISE
    _x: Array | None = None

    def forward(self, x: ArrayLike) -> Array:
        """Return (x/2) (1 + tanh g(x))."""
        self._x = x = snapshot(x)
        twice_g, _ = _twice_g(x)
        return np.asarray(x * sigmoid(twice_g), dtype=x.dtype)

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        x = self._recall(self._x)
        z, dz_times_x = _twice_g(x)
        slope = sigmoid(z) * (1 + dz_times_x * sigmoid(-z))
        return np.asarray(self._upstream(dout, x) * slope, dtype=x.dtype)


def _twice_g(x: Array) -> tuple[Array, Array]:
    """Return z = 2 g(x) and x dz/dx."""
    # Beyond 64, s(2g) is zero or one in every dtype, and the cube of x might overflow.
    x = np.clip(x, x.dtype.type(-64), x.dtype.type(64))
    number = x.dtype.type
    root = number(2) * np.sqrt(number(2) / number(PI))
    square = number("0.044715") * x * x
    return root * x * (number(1) + square), root * x * (number(1) + number(3) * square)
