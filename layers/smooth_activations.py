"""Smooth activations made of the sigmoid s(x) = 1 / (1 + e^-x): no kinks anywhere.

Two facts are used throughout: 1 - s(x) = s(-x), without cancellation, and s' = s(x) s(-x).
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from layers.activations import ELEMENTWISE
from layers.layer import Array, Layer, snapshot
from layers.logistic import sigmoid, softplus


class Softplus(Layer):
    """y = (1/beta) ln(1 + e^(beta x)) element by element: a smooth max(x, 0).

    dy/dx = e^(beta x) / (1 + e^(beta x)) = s(beta x), so dx = dy s(beta x).

    x, y: any one shape, any floating dtype; beta x may be as large as the dtype holds. Far right
    this is x to the last digit, far left e^(beta x) / beta. Raises ValueError unless beta is
    positive.

    Source: Dugas, Bengio, Belisle, Nadeau, Garcia, "Incorporating Second-Order Functional
    Knowledge for Better Option Pricing" (2001); Goodfellow et al. (2016), eq. 3.31.
    """

    forms: ClassVar[tuple[str, ...]] = ELEMENTWISE
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"beta": (1.0, 0.5, 2.0)}
    _x: Array | None = None

    def __init__(self, beta: float = 1.0) -> None:
        """Make a softplus; the larger ``beta``, the sharper its bend."""
        if not beta > 0:
            raise ValueError(f"Softplus: beta must be positive, got {beta}")
        self.beta = beta

    def forward(self, x: ArrayLike) -> Array:
        """Return (1/beta) ln(1 + e^(beta x))."""
        self._x = x = snapshot(x)
        beta = x.dtype.type(self.beta)
        return np.asarray(softplus(beta * x) / beta, dtype=x.dtype)

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        x = self._recall(self._x)
        slope = sigmoid(x.dtype.type(self.beta) * x)
        return np.asarray(self._upstream(dout, x) * slope, dtype=x.dtype)


class SiLU(Layer):
    """y = x s(beta x) element by element; also called Swish.

    dy/dx = s(beta x) + x beta s(beta x) s(-beta x), so
    dx = dy s(beta x) (1 + beta x s(-beta x)).

    x, y: any one shape, any floating dtype; beta x may be as large as the dtype holds.

    Source: Elfwing, Uchibe, Doya, "Sigmoid-Weighted Linear Units for Neural Network Function
    Approximation in Reinforcement Learning" (2018), sec. 2; Ramachandran, Zoph, Le,
    "Searching for Activation Functions" (2017), sec. 4.
    """

    forms: ClassVar[tuple[str, ...]] = ELEMENTWISE
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"beta": (1.0, 0.5, 1.7)}
    _x: Array | None = None

    def __init__(self, beta: float = 1.0) -> None:
        """Make a SiLU; ``beta`` is Swish's, fixed here."""
        self.beta = beta

    def forward(self, x: ArrayLike) -> Array:
        """Return x s(beta x)."""
        self._x = x = snapshot(x)
        return np.asarray(x * sigmoid(x.dtype.type(self.beta) * x), dtype=x.dtype)

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        x = self._recall(self._x)
        z = x.dtype.type(self.beta) * x
        slope = sigmoid(z) * (1 + z * sigmoid(-z))
        return np.asarray(self._upstream(dout, x) * slope, dtype=x.dtype)


Swish = SiLU


class Mish(Layer):
    """y = x tanh(ln(1 + e^x)) element by element.

    Let r = s(-x) = 1 / (1 + e^x), which is e^-softplus(x). Since
    tanh u = (1 - e^-2u) / (1 + e^-2u), the factor of x is t = (1 - r^2) / (1 + r^2), and its
    numerator is (1 - r)(1 + r) = s(x)(1 + r): no logarithm is needed, and nothing cancels.

    For the slope, dt/dr = -4 r / (1 + r^2)^2 and dr/dx = -s(x) r, so
    dx = dy (t + 4 x s(x) r^2 / (1 + r^2)^2).

    x, y: any one shape, any floating dtype; x may be as large as the dtype holds.

    Source: Misra, "Mish: A Self Regularized Non-Monotonic Activation Function" (2020).
    """

    forms: ClassVar[tuple[str, ...]] = ELEMENTWISE
    _x: Array | None = None

    def forward(self, x: ArrayLike) -> Array:
        """Return x tanh(ln(1 + e^x))."""
        self._x = x = snapshot(x)
        s, r = sigmoid(x), sigmoid(-x)
        return np.asarray(x * (s * (1 + r) / (1 + r * r)), dtype=x.dtype)

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        x = self._recall(self._x)
        s, r = sigmoid(x), sigmoid(-x)
        slope = s * (1 + r) / (1 + r * r) + x * (4 * s * (r / (1 + r * r)) ** 2)
        return np.asarray(self._upstream(dout, x) * slope, dtype=x.dtype)
