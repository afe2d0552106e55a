"""Losses of numbers: how far a prediction is from a given target.

The prediction has a gradient, the target has none. Both have one shape; nothing is broadcast.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshots
from layers.reductions import REDUCTIONS, divisor_of, known_reduction, reduced

_ELEMENTWISE = (
    "y: N D, t: N D [fixed] -> loss: when reduction=mean|sum",
    "y: N, t: N [fixed] -> loss: when reduction=mean|sum",
    "y: N C H W, t: N C H W [fixed] -> loss: when reduction=mean|sum",
    "y: N D, t: N D [fixed] -> loss: N D when reduction=none",
    "y: N, t: N [fixed] -> loss: N when reduction=none",
)


class MeanSquaredError(Layer):
    """L = (1/M) sum_i (y_i - t_i)^2 over all elements i, so dy_i = 2 dL (y_i - t_i) / M.

    ``reduction`` mean divides by the number M of elements, not only of samples; sum does not
    (M = 1), and none keeps one loss per element. There is no factor 1/2.

    y, t: any one shape, floating; the loss is 0-d, or their shape for none, in their wider dtype.
    Raises ValueError when the shapes differ.

    Source: Goodfellow et al. (2016), sec. 5.1.4, eq. 5.4.
    """

    forms: ClassVar[tuple[str, ...]] = _ELEMENTWISE
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"reduction": REDUCTIONS}
    _d: Array | None = None
    _loss: Array | None = None
    _divisor: Any = 1

    def __init__(self, *, reduction: str = "mean") -> None:
        """Make a squared error with the reduction."""
        self.reduction = known_reduction(reduction, "MeanSquaredError")

    def forward(self, y: ArrayLike, t: ArrayLike) -> Array:
        """Return the loss: 0-d, or in the shape of y for reduction none."""
        self._d = _difference(y, t, "MeanSquaredError")
        self._divisor = divisor_of(self.reduction, self._d.size)
        self._loss = reduced(self._d * self._d, self.reduction, self._divisor)
        return self._loss.copy()

    def backward(self, dout: ArrayLike = 1.0) -> Array:
        """Return dy in the shape of y; ``dout`` has the shape of the loss."""
        d = self._recall(self._d)
        dout = self._upstream(dout, self._recall(self._loss))
        return np.asarray(dout / self._divisor * 2 * d)


class MeanAbsoluteError(Layer):
    """L = (1/M) sum_i |y_i - t_i| over all elements i, so dy_i = dL sign(y_i - t_i) / M.

    At y = t there is a kink and any slope in [-1, 1] is a subgradient; zero is taken.
    Also called the L1 loss. ``reduction`` mean divides by the number M of elements, sum does not
    (M = 1), and none keeps one loss per element.

    y, t: any one shape, floating; the loss is 0-d, or their shape for none, in their wider dtype.
    Raises ValueError when the shapes differ.

    Source: Goodfellow et al. (2016), sec. 6.2.1.2, eq. 6.16.
    """

    forms: ClassVar[tuple[str, ...]] = _ELEMENTWISE
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"reduction": REDUCTIONS}
    _d: Array | None = None
    _loss: Array | None = None
    _divisor: Any = 1

    def __init__(self, *, reduction: str = "mean") -> None:
        """Make an absolute error with the reduction."""
        self.reduction = known_reduction(reduction, "MeanAbsoluteError")

    def forward(self, y: ArrayLike, t: ArrayLike) -> Array:
        """Return the loss: 0-d, or in the shape of y for reduction none."""
        self._d = _difference(y, t, "MeanAbsoluteError")
        self._divisor = divisor_of(self.reduction, self._d.size)
        self._loss = reduced(np.abs(self._d), self.reduction, self._divisor)
        return self._loss.copy()

    def backward(self, dout: ArrayLike = 1.0) -> Array:
        """Return dy in the shape of y; ``dout`` has the shape of the loss."""
        d = self._recall(self._d)
        dout = self._upstream(dout, self._recall(self._loss))
        return np.asarray(dout / self._divisor * np.sign(d))


class Huber(Layer):
    """L = (1/M) sum_i h(y_i - t_i), with h(d) = d^2 / 2 for |d| <= k and k |d| - k^2 / 2 beyond.

    A parabola that goes on as its tangents, so the slope is d between -k and k and stays at
    the ends: h'(d) = c with c = d cut to [-k, k], and dy_i = dL c_i / M. The same c gives the loss
    in one piece, h(d) = c (d - c/2), and nothing large is squared.

    ``delta`` is k > 0; ``reduction`` mean divides by the number M of elements, sum does not
    (M = 1), and none keeps one loss per element.

    y, t: any one shape, floating; the loss is 0-d, or their shape for none, in their wider dtype.
    Raises ValueError when the shapes differ.

    Source: Huber, "Robust Estimation of a Location Parameter" (1964).
    """

    forms: ClassVar[tuple[str, ...]] = _ELEMENTWISE
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "reduction": REDUCTIONS,
        "delta": (1.0, 0.5),
    }
    _c: Array | None = None
    _loss: Array | None = None
    _divisor: Any = 1

    def __init__(self, *, reduction: str = "mean", delta: float = 1.0) -> None:
        """Make a Huber loss that is linear beyond delta."""
        self.reduction = known_reduction(reduction, "Huber")
        self.delta = _positive(delta, "Huber: delta")

    def forward(self, y: ArrayLike, t: ArrayLike) -> Array:
        """Return the loss: 0-d, or in the shape of y for reduction none."""
        d = _difference(y, t, "Huber")
        self._c = c = np.clip(d, -self.delta, self.delta)
        self._divisor = divisor_of(self.reduction, d.size)
        self._loss = reduced(c * (d - c / 2), self.reduction, self._divisor)
        return self._loss.copy()

    def backward(self, dout: ArrayLike = 1.0) -> Array:
        """Return dy in the shape of y; ``dout`` has the shape of the loss."""
        c = self._recall(self._c)
        dout = self._upstream(dout, self._recall(self._loss))
        return np.asarray(dout / self._divisor * c)


class SmoothL1(Layer):
    """L = (1/M) sum_i h(y_i - t_i), with h(d) = d^2 / 2b for |d| < b and |d| - b/2 beyond.

    The absolute error with its kink rounded off: the Huber loss over its delta. With c = d / b cut
    to [-1, 1], h'(d) = c and h(d) = c (d - b c / 2), so dy_i = dL c_i / M.

    ``beta`` is b > 0; ``reduction`` mean divides by the number M of elements, sum does not
    (M = 1), and none keeps one loss per element.

    y, t: any one shape, floating; the loss is 0-d, or their shape for none, in their wider dtype.
    Raises ValueError when the shapes differ.

    Source: Girshick, "Fast R-CNN" (2015), eq. 3, with b = 1.
    """

    forms: ClassVar[tuple[str, ...]] = _ELEMENTWISE
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "reduction": REDUCTIONS,
        "beta": (1.0, 0.5),
    }
    _c: Array | None = None
    _loss: Array | None = None
    _divisor: Any = 1

    def __init__(self, *, reduction: str = "mean", beta: float = 1.0) -> None:
        """Make an absolute error that is a parabola within beta."""
        self.reduction = known_reduction(reduction, "SmoothL1")
        self.beta = _positive(beta, "SmoothL1: beta")

    def forward(self, y: ArrayLike, t: ArrayLike) -> Array:
        """Return the loss: 0-d, or in the shape of y for reduction none."""
        d = _difference(y, t, "SmoothL1")
        self._c = c = np.clip(d, -self.beta, self.beta) / self.beta
        self._divisor = divisor_of(self.reduction, d.size)
        self._loss = reduced(c * (d - self.beta * c / 2), self.reduction, self._divisor)
        return self._loss.copy()

    def backward(self, dout: ArrayLike = 1.0) -> Array:
        """Return dy in the shape of y; ``dout`` has the shape of the loss."""
        c = self._recall(self._c)
        dout = self._upstream(dout, self._recall(self._loss))
        return np.asarray(dout / self._divisor * c)


def _difference(y: ArrayLike, t: ArrayLike, layer: str) -> Array:
    y, t = snapshots(y, t)
    if y.shape != t.shape:
        raise ValueError(
            f"{layer}.forward: y and t must have one shape, got {y.shape} and {t.shape}"
        )
    return np.asarray(y - t)


def _positive(value: float, name: str) -> float:
    if not value > 0:
        raise ValueError(f"{name} must be positive, got {value}")
    return value
