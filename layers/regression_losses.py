"""Losses of numbers: how far a prediction is from a given target.

The prediction has a gradient, the target has none. Both have one shape; nothing is broadcast.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshots
from layers.reductions import REDUCTIONS, divisor_of, known_reduction, reduced


class _Difference(Layer):
    """L = (1/M) sum_i h(d_i) of the differences d_i = y_i - t_i, so dy_i = dL h'(d_i) / M.

    ``reduction`` mean divides by the number M of elements, not only of samples; sum does not
    (M = 1), and none keeps one loss per element. Each kind defines h and its slope h'.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "y: N D, t: N D [fixed] -> loss: when reduction=mean|sum",
        "y: N, t: N [fixed] -> loss: when reduction=mean|sum",
        "y: N C H W, t: N C H W [fixed] -> loss: when reduction=mean|sum",
        "y: N D, t: N D [fixed] -> loss: N D when reduction=none",
        "y: N, t: N [fixed] -> loss: N when reduction=none",
    )
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"reduction": REDUCTIONS}
    _slope: Array | None = None
    _loss: Array | None = None
    _divisor: Any = 1

    def __init__(self, *, reduction: str = "mean") -> None:
        """Make a loss with the reduction."""
        self.reduction = known_reduction(reduction, type(self).__name__)

    def forward(self, y: ArrayLike, t: ArrayLike) -> Array:
        """Return the loss: 0-d, or in the shape of y for reduction none."""
        y, t = snapshots(y, t)
        if y.shape != t.shape:
            raise ValueError(
                f"{type(self).__name__}.forward: y and t must have one shape, "
                f"got {y.shape} and {t.shape}"
            )
        losses, slope = self._cost(np.asarray(y - t))
        self._slope = np.asarray(slope, y.dtype)
        self._divisor = divisor_of(self.reduction, y.size)
        self._loss = reduced(np.asarray(losses, y.dtype), self.reduction, self._divisor)
        return self._loss.copy()

    def backward(self, dout: ArrayLike = 1.0) -> Array:
        """Return dy in the shape of y; ``dout`` has the shape of the loss."""
        slope = self._recall(self._slope)
        dout = self._upstream(dout, self._recall(self._loss))
        return np.asarray(dout / self._divisor * slope, slope.dtype)

    def _cost(self, d: Array) -> tuple[Array, Array]:
        """Return h(d) and h'(d)."""
        raise NotImplementedError


class MeanSquaredError(_Difference):
    """L = (1/M) sum_i (y_i - t_i)^2 over all elements i, so dy_i = 2 dL (y_i - t_i) / M.

    ``reduction`` mean divides by the number M of elements, not only of samples; sum does not
    (M = 1), and none keeps one loss per element. There is no factor 1/2.

    y, t: any one shape, floating; the loss is 0-d, or their shape for none, in their wider dtype.
    Raises ValueError when the shapes differ.

    Source: Goodfellow et al. (2016), sec. 5.1.4, eq. 5.4.
    """

    def _cost(self, d: Array) -> tuple[Array, Array]:
        return d * d, 2 * d


class MeanAbsoluteError(_Difference):
    """L = (1/M) sum_i |y_i - t_i| over all elements i, so dy_i = dL sign(y_i - t_i) / M.

    At y = t there is a kink and any slope in [-1, 1] is a subgradient; zero is taken.
    Also called the L1 loss. ``reduction`` mean divides by the number M of elements, sum does not
    (M = 1), and none keeps one loss per element.

    y, t: any one shape, floating; the loss is 0-d, or their shape for none, in their wider dtype.
    Raises ValueError when the shapes differ.

    Source: Goodfellow et al. (2016), sec. 6.2.1.2, eq. 6.16.
    """

    def _cost(self, d: Array) -> tuple[Array, Array]:
        # |d| as max(d, -d), which is analytic away from the kink; the slope is constant there.
        return np.maximum(d, -d), np.sign(d.real)


class Huber(_Difference):
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

    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "reduction": REDUCTIONS,
        "delta": (1.0, 0.5),
    }

    def __init__(self, *, reduction: str = "mean", delta: float = 1.0) -> None:
        """Make a Huber loss that is linear beyond delta."""
        super().__init__(reduction=reduction)
        self.delta = _positive(delta, "Huber: delta")

    def _cost(self, d: Array) -> tuple[Array, Array]:
        c = np.clip(d, -self.delta, self.delta)
        return c * (d - c / 2), c


class SmoothL1(_Difference):
    """L = (1/M) sum_i h(y_i - t_i), with h(d) = d^2 / 2b for |d| < b and |d| - b/2 beyond.

    The absolute error with its kink rounded off: the Huber loss over its delta. With c = d / b cut
    to [-1, 1], h'(d) = c and h(d) = c (d - b c / 2), so dy_i = dL c_i / M.

    ``beta`` is b > 0; ``reduction`` mean divides by the number M of elements, sum does not
    (M = 1), and none keeps one loss per element.

    y, t: any one shape, floating; the loss is 0-d, or their shape for none, in their wider dtype.
    Raises ValueError when the shapes differ.

    Source: Girshick, "Fast R-CNN" (2015), eq. 3, with b = 1.
    """

    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "reduction": REDUCTIONS,
        "beta": (1.0, 0.5),
    }

    def __init__(self, *, reduction: str = "mean", beta: float = 1.0) -> None:
        """Make an absolute error that is a parabola within beta."""
        super().__init__(reduction=reduction)
        self.beta = _positive(beta, "SmoothL1: beta")

    def _cost(self, d: Array) -> tuple[Array, Array]:
        c = np.clip(d, -self.beta, self.beta) / self.beta
        return c * (d - self.beta * c / 2), c


def _positive(value: float, name: str) -> float:
    if not value > 0:
        raise ValueError(f"{name} must be positive, got {value}")
    return value
