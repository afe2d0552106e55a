"""Losses: one number for a batch, the mean over its samples.

Targets are integer labels, one per sample, or rows of weights in the shape of the scores (one-hot,
or any distribution over the classes); the number of axes tells which. One sample without a batch
axis is a batch of one. The mean over an empty batch is 0.0.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from layers.activations import log_softmax
from layers.layer import Array, Layer, snapshot
from layers.reductions import REDUCTIONS, divisor_of, known_reduction, reduced
from layers.targets import target_weights, weighted, with_class_weights


class CrossEntropy(Layer):
    """L = -(1/N) sum_nc t_nc ln p_nc, for probabilities p and targets t.

    Only the logarithm depends on p, so dp_nc = -dL (t_nc / p_nc) / N; it is zero where t is zero,
    whatever p is there. That p sums to one is not used: the gradient is that of the formula.

    p: (N, C) or (C,), floating; t: labels (N,) or () in [0, C), or rows in the shape of p;
    the loss is 0-d with the dtype of p. A target of probability zero costs infinity, with
    NumPy's warning. Raises ValueError when shapes do not fit or a label is out of range.

    Source: Saito, "Deep Learning from Scratch" (2016), sec. 4.2; Bishop (2006), eq. 4.108.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "p: N C [probabilities], t: N [int < C] -> loss:",
        "p: N C [probabilities], t: N C [one-hot] -> loss:",
        "p: C [probabilities], t: [int < C] -> loss:",
        "p: C [probabilities], t: C [one-hot] -> loss:",
    )
    _p: Array | None = None
    _t: Array | None = None
    _loss: Array | None = None

    def forward(self, p: ArrayLike, t: ArrayLike) -> Array:
        """Return the mean loss, 0-d."""
        p = snapshot(p)
        t = target_weights(p, t, "CrossEntropy.forward: p")
        # Logarithms are taken where a target asks for them: 0 * ln 0 counts as zero.
        log_p = np.log(p, where=t != 0, out=np.zeros_like(p))
        self._p, self._t = p, t
        self._loss = np.asarray(-np.sum(t * log_p) / _batch_size(p), dtype=p.dtype)
        return self._loss.copy()

    def backward(self, dout: ArrayLike = 1.0) -> Array:
        """Return dp in the shape of p; ``dout`` is 0-d."""
        p, t = self._recall(self._p), self._recall(self._t)
        dout = self._upstream(dout, self._recall(self._loss))
        slope = np.divide(-t, p, where=t != 0, out=np.zeros_like(p))
        return dout * slope / _batch_size(p)


class SoftmaxWithLoss(Layer):
    """L = -(1/M) sum_nc q_nc ln p_nc with p_nc = e^x_nc / sum_k e^x_nk, for logits x.

    q are the targets as they count: q_nc = w_c ((1 - s) t_nc + s/C), with ``label_smoothing`` s and
    a weight w_c for each class. Without options q = t and M = N. A row whose label is
    ``ignore_index`` has q = 0; that option has no say in targets given as rows.

    ln p_c = x_c - ln sum_k e^x_k has the derivative [c = k] - p_k with respect to x_k, so for a
    row dx_k = -sum_c q_c ([c = k] - p_k) = p_k (sum_c q_c) - q_k, times dL / M. For targets that
    sum to one this is p - t. Softmax and logarithm are taken together, with the largest logit
    subtracted first, so the loss stays finite where p underflows. A logit of -inf rules its class
    out, and costs nothing unless q asks for the class.

    ``reduction`` mean divides by M, the sum of the weights w of the labels that are not ignored,
    or N for targets given as rows; sum and none have M = 1, and none keeps one loss per row. With
    every label ignored the mean is 0.0 and the gradient zero. Rows that do not sum to one are
    smoothed by s/C times their sum, so that smoothing moves weight and never adds any.

    x: (N, C) or (C,), floating; t: labels (N,) or () in [0, C), or rows in the shape of x;
    weight: (C,); the loss is 0-d, or (N,) for none, with the dtype of x and weight. Raises
    ValueError when shapes do not fit or a label is out of range.

    Source: Saito (2016), sec. 5.6.3 and app. A; Goodfellow et al. (2016), sec. 6.2.2.3; label
    smoothing: Szegedy et al., "Rethinking the Inception Architecture" (2016), sec. 7. The
    divisors are those of PyTorch's cross_entropy.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N C, t: N [int < C] -> loss: when reduction=mean|sum",
        "x: N C, t: N C [one-hot] -> loss: when reduction=mean|sum",
        "x: C, t: [int < C] -> loss:",
        "x: C, t: C [one-hot] -> loss:",
        "x: N C, t: N [int < C] -> loss: N when reduction=none",
        "x: N C, t: N C [one-hot] -> loss: N when reduction=none",
        "x: N C, weight: C [fixed positive], t: N [int < C] -> loss: when reduction=mean|sum",
        "x: N C, weight: C [fixed positive], t: N C [one-hot] -> loss: when reduction=mean|sum",
        "x: N C, weight: C [fixed positive], t: N [int < C] -> loss: N when reduction=none",
        "x: N C, weight: C [fixed positive], t: N C [one-hot] -> loss: N when reduction=none",
    )
    parameters: ClassVar[tuple[str, ...]] = ("weight",)
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "reduction": REDUCTIONS,
        "label_smoothing": (0.0, 0.1),
        "ignore_index": (None, 0),
    }
    _p: Array | None = None
    _q: Array | None = None
    _loss: Array | None = None
    _divisor: Any = 1

    def __init__(
        self,
        weight: ArrayLike | None = None,
        *,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
        ignore_index: int | None = None,
    ) -> None:
        """Share weight: (C,), one positive number per class, or none for a weight of one."""
        self.weight: Array | None = None if weight is None else np.asarray(weight)
        self.reduction = known_reduction(reduction, "SoftmaxWithLoss")
        if not 0 <= label_smoothing <= 1:
            raise ValueError(
                f"SoftmaxWithLoss: label_smoothing must lie in [0, 1], got {label_smoothing}"
            )
        self.label_smoothing, self.ignore_index = label_smoothing, ignore_index

    def forward(self, x: ArrayLike, t: ArrayLike) -> Array:
        """Return the loss: 0-d, or one per row for reduction none."""
        x, w = with_class_weights(x, self.weight, "SoftmaxWithLoss")
        given_as_rows = np.ndim(t) == x.ndim
        t = target_weights(x, t, "SoftmaxWithLoss.forward: x", self.ignore_index)
        self._divisor = divisor_of(
            self.reduction, _batch_size(x) if given_as_rows else np.sum(w * t)
        )
        self._q = w * self._smoothed(t)
        log_p, self._p = log_softmax(x)
        losses = -np.sum(weighted(self._q, log_p), axis=-1)
        self._loss = reduced(losses, self.reduction, self._divisor)
        return self._loss.copy()

    def backward(self, dout: ArrayLike = 1.0) -> Array:
        """Return dx in the shape of x; ``dout`` has the shape of the loss."""
        p, q = self._recall(self._p), self._recall(self._q)
        dout = self._upstream(dout, self._recall(self._loss))
        dlosses = dout[..., np.newaxis] / self._divisor
        dx: Array = dlosses * (p * np.sum(q, axis=-1, keepdims=True) - q)
        return dx

    def _smoothed(self, t: Array) -> Array:
        """Spread the share s of every row's weight evenly over the C classes."""
        s, C = self.label_smoothing, t.shape[-1]
        return np.asarray((1 - s) * t + s / C * np.sum(t, axis=-1, keepdims=True))


def _batch_size(scores: Array) -> int:
    """N, but one for a single sample, and one for an empty batch, whose sum is zero anyway."""
    return max(len(scores), 1) if scores.ndim == 2 else 1
