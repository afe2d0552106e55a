"""Likelihoods of classes without a softmax: yes-or-no logits, and log-probabilities."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshots
from layers.logistic import sigmoid, softplus
from layers.reductions import REDUCTIONS, divisor_of, known_reduction, reduced
from layers.targets import (
    BINARY_FORMS,
    binary_targets,
    labels_as_rows,
    weighted,
    with_class_weights,
)


class SigmoidWithLoss(Layer):
    """L = -(1/M) sum_i (v t_i ln p_i + (1 - t_i) ln(1 - p_i)) with p = 1 / (1 + e^-x), logits x.

    The binary cross-entropy, with sigmoid and logarithm taken together: -ln p is softplus(-x) =
    ln(1 + e^-x) and -ln(1 - p) is softplus(x), neither of which ever takes the logarithm of zero.
    The derivative of softplus is the sigmoid, so dx_i = dL ((1 - t_i) p_i - v t_i (1 - p_i)) / M,
    and (p - t) dL / M without v; 1 - p is computed as the sigmoid of -x, to keep its digits.

    ``pos_weight`` v, one if not given, is the weight of the positive targets and broadcasts
    against x, so (D,) has one for each of D questions. ``reduction`` mean divides by the number M
    of elements, sum does not (M = 1), and none keeps one loss per element.

    x: any one shape, floating; t: the shape of x, numbers or booleans in [0, 1]; the loss is 0-d,
    or the shape of x for none, with the dtype of x and pos_weight. Raises ValueError when shapes
    do not fit or a target is outside [0, 1].

    Source: Bishop (2006), eq. 4.90 and 4.91; Goodfellow et al. (2016), sec. 6.2.2.2.
    """

    forms: ClassVar[tuple[str, ...]] = (
        *BINARY_FORMS,
        "x: N D, pos_weight: D [fixed positive], t: N D [int < 2] -> loss: when reduction=mean|sum",
        "x: N D, pos_weight: D [fixed positive], t: N D [int < 2] -> loss: N D when reduction=none",
    )
    parameters: ClassVar[tuple[str, ...]] = ("pos_weight",)
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"reduction": REDUCTIONS}
    _x: Array | None = None
    _t: Array | None = None
    _v: Array | None = None
    _loss: Array | None = None
    _divisor: Any = 1

    def __init__(self, pos_weight: ArrayLike | None = None, *, reduction: str = "mean") -> None:
        """Share pos_weight: any shape that broadcasts against x, or none for one."""
        self.pos_weight: Array | None = None if pos_weight is None else np.asarray(pos_weight)
        self.reduction = known_reduction(reduction, "SigmoidWithLoss")

    def forward(self, x: ArrayLike, t: ArrayLike) -> Array:
        """Return the loss: 0-d, or in the shape of x for reduction none."""
        x, v = snapshots(x, 1.0 if self.pos_weight is None else self.pos_weight)
        t = binary_targets(t, x, "SigmoidWithLoss")
        if v.ndim > x.ndim or any(
            m not in (1, n) for m, n in zip(v.shape[::-1], x.shape[::-1], strict=False)
        ):
            raise ValueError(
                f"SigmoidWithLoss.forward: pos_weight of shape {v.shape} must broadcast "
                f"against x of shape {x.shape}"
            )
        self._x, self._t, self._v = x, t, v
        losses = v * t * softplus(-x) + (1 - t) * softplus(x)
        self._divisor = divisor_of(self.reduction, x.size)
        self._loss = reduced(np.asarray(losses, x.dtype), self.reduction, self._divisor)
        return self._loss.copy()

    def backward(self, dout: ArrayLike = 1.0) -> Array:
        """Return dx in the shape of x; ``dout`` has the shape of the loss."""
        x, t, v = self._recall(self._x), self._recall(self._t), self._recall(self._v)
        dout = self._upstream(dout, self._recall(self._loss))
        slope = (1 - t) * sigmoid(x) - v * t * sigmoid(-x)
        return np.asarray(dout / self._divisor * slope, x.dtype)


class NegativeLogLikelihood(Layer):
    """L = -(1/M) sum_n w_{t_n} x_{n,t_n}, for log-probabilities x and labels t.

    A linear function of x: dx_nc = -(dL / M) w_c where c = t_n, and zero elsewhere. That e^x sums
    to one is not used: the gradient is that of the formula.

    ``weight`` w, one if not given, is the weight of the classes; a row whose label is
    ``ignore_index`` does not count. ``reduction`` mean divides by the sum M of the weights of the
    labels that count, sum does not (M = 1), and none keeps one loss per row. With every label
    ignored the mean is 0.0 and the gradient zero.

    x: (N, C) or (C,), floating, -inf allowed (its loss is infinite if it is the target, else
    it costs nothing); t: labels (N,) or () in [0, C); weight: (C,); the loss is 0-d, or (N,) for
    none, with the dtype of x and weight. Raises ValueError when shapes do not fit or a label is
    out of range.

    Source: Bishop (2006), eq. 4.108; the divisor is that of PyTorch's nll_loss.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N C, t: N [int < C] -> loss: when reduction=mean|sum",
        "x: C, t: [int < C] -> loss:",
        "x: N C, t: N [int < C] -> loss: N when reduction=none",
        "x: N C, weight: C [fixed positive], t: N [int < C] -> loss: when reduction=mean|sum",
        "x: N C, weight: C [fixed positive], t: N [int < C] -> loss: N when reduction=none",
    )
    parameters: ClassVar[tuple[str, ...]] = ("weight",)
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "reduction": REDUCTIONS,
        "ignore_index": (None, 0),
    }
    _q: Array | None = None
    _loss: Array | None = None
    _divisor: Any = 1

    def __init__(
        self,
        weight: ArrayLike | None = None,
        *,
        reduction: str = "mean",
        ignore_index: int | None = None,
    ) -> None:
        """Share weight: (C,), one positive number per class, or none for a weight of one."""
        self.weight: Array | None = None if weight is None else np.asarray(weight)
        self.reduction = known_reduction(reduction, "NegativeLogLikelihood")
        self.ignore_index = ignore_index

    def forward(self, x: ArrayLike, t: ArrayLike) -> Array:
        """Return the loss: 0-d, or one per row for reduction none."""
        x, w = with_class_weights(x, self.weight, "NegativeLogLikelihood")
        right = labels_as_rows(x, t, "NegativeLogLikelihood", self.ignore_index)
        self._q = w * right
        self._divisor = divisor_of(self.reduction, np.sum(self._q))
        losses = -np.sum(weighted(self._q, x), axis=-1)
        self._loss = reduced(losses, self.reduction, self._divisor)
        return self._loss.copy()

    def backward(self, dout: ArrayLike = 1.0) -> Array:
        """Return dx in the shape of x; ``dout`` has the shape of the loss."""
        q = self._recall(self._q)
        dout = self._upstream(dout, self._recall(self._loss))
        return np.asarray(dout[..., np.newaxis] / self._divisor * -q)
