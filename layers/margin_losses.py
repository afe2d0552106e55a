"""Losses of the support vector machine: no cost beyond a margin, a straight line inside it."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshot
from layers.reductions import REDUCTIONS, divisor_of, known_reduction, reduced
from layers.targets import BINARY_FORMS, binary_targets, labels_as_rows, weighted


class Hinge(Layer):
    """L = (1/M) sum_i max(0, m - s_i x_i), with the sign s_i = 2 t_i - 1 of the label t_i.

    The loss of the linear support vector machine: no cost once a score x lies on the right side of
    zero by the margin m. Inside, its slope is -s_i, so dx_i = -dL s_i / M where s_i x_i < m and
    zero elsewhere. At s_i x_i = m there is a kink and any slope between -s_i and 0 is a
    subgradient; zero is taken.

    ``margin`` is m; ``reduction`` mean divides by the number M of elements, sum does not, and none
    keeps one loss per element.

    x: any one shape, floating; t: labels 0 and 1 (or booleans) in the shape of x; the loss is
    0-d, or the shape of x for none, with the dtype of x. Raises ValueError when the shapes differ
    or a label is neither.

    Source: Bishop (2006), sec. 7.1.2, eq. 7.45.
    """

    forms: ClassVar[tuple[str, ...]] = BINARY_FORMS
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "reduction": REDUCTIONS,
        "margin": (1.0, 0.5),
    }
    _slack: Array | None = None
    _sign: Array | None = None
    _loss: Array | None = None
    _divisor: Any = 1

    def __init__(self, *, reduction: str = "mean", margin: float = 1.0) -> None:
        """Make a hinge loss with the margin."""
        self.reduction, self.margin = known_reduction(reduction, "Hinge"), margin

    def forward(self, x: ArrayLike, t: ArrayLike) -> Array:
        """Return the loss: 0-d, or in the shape of x for reduction none."""
        x = snapshot(x)
        t = binary_targets(t, x, "Hinge")
        if np.any((t != 0) & (t != 1)):
            raise ValueError("Hinge.forward: labels t must be 0 or 1")
        # In the dtype of x, which NumPy 1 would widen beside a plain number if it is 0-d.
        self._sign = np.asarray(2 * t - 1, x.dtype)
        self._slack = np.asarray(self.margin - self._sign * x, x.dtype)
        self._divisor = divisor_of(self.reduction, x.size)
        losses = np.maximum(self._slack, np.zeros_like(x))
        self._loss = reduced(losses, self.reduction, self._divisor)
        return self._loss.copy()

    def backward(self, dout: ArrayLike = 1.0) -> Array:
        """Return dx in the shape of x; ``dout`` has the shape of the loss."""
        slack, sign = self._recall(self._slack), self._recall(self._sign)
        dout = self._upstream(dout, self._recall(self._loss))
        slope = np.where(slack > 0, -sign, np.zeros_like(sign))
        return np.asarray(dout / self._divisor * slope, sign.dtype)


class MulticlassHinge(Layer):
    """L = (1/M) sum_n sum_{j != t_n} max(0, x_nj - x_n,t_n + m): the loss of Weston and Watkins.

    Every class but the right one, t_n, should score lower than it by the margin m. Each
    violated one pulls by one: dx_nj = dL / M for those classes j, and dx_n,t_n = -dL / M times
    how many they are. Where x_nj - x_n,t_n + m = 0 there is a kink, with any pull between zero
    and one a subgradient; zero is taken.

    ``margin`` is m; ``reduction`` mean divides by the number M = N of rows, sum does not, and none
    keeps one loss per row.

    x: (N, C) or (C,), floating; t: labels (N,) or () in [0, C); the loss is 0-d, or (N,) for
    none, with the dtype of x. Raises ValueError when shapes do not fit or a label is out of range.

    Source: Weston, Watkins, "Support Vector Machines for Multi-Class Pattern Recognition" (1999);
    Stanford course CS231n, notes on linear classification.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N C, t: N [int < C] -> loss: when reduction=mean|sum",
        "x: C, t: [int < C] -> loss:",
        "x: N C, t: N [int < C] -> loss: N when reduction=none",
    )
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "reduction": REDUCTIONS,
        "margin": (1.0, 0.5),
    }
    _pull: Array | None = None
    _loss: Array | None = None
    _divisor: Any = 1

    def __init__(self, *, reduction: str = "mean", margin: float = 1.0) -> None:
        """Make a multi-class hinge loss with the margin."""
        self.reduction, self.margin = known_reduction(reduction, "MulticlassHinge"), margin

    def forward(self, x: ArrayLike, t: ArrayLike) -> Array:
        """Return the loss: 0-d, or one per row for reduction none."""
        x = snapshot(x)
        right = labels_as_rows(x, t, "MulticlassHinge")
        of_right = np.sum(weighted(right, x), axis=-1, keepdims=True)
        zero = np.zeros_like(x)
        slack = np.where(right, zero, x - of_right + self.margin)
        violated = (slack > 0).astype(x.dtype)
        self._pull = violated - right * np.sum(violated, axis=-1, keepdims=True)
        losses = np.sum(np.maximum(slack, zero), axis=-1)
        self._divisor = divisor_of(self.reduction, np.size(losses))
        self._loss = reduced(losses, self.reduction, self._divisor)
        return self._loss.copy()

    def backward(self, dout: ArrayLike = 1.0) -> Array:
        """Return dx in the shape of x; ``dout`` has the shape of the loss."""
        pull = self._recall(self._pull)
        dout = self._upstream(dout, self._recall(self._loss))
        return np.asarray(dout[..., np.newaxis] / self._divisor * pull)
