"""Losses: one number for a batch, the mean over its samples.

Targets are integer labels, one per sample, or rows of weights in the shape of the scores (one-hot,
or any distribution over the classes); the number of axes tells which. One sample without a batch
axis is a batch of one. The mean over an empty batch is 0.0.
"""

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshot


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
    """L = -(1/N) sum_nc t_nc ln p_nc with p_nc = e^x_nc / sum_k e^x_nk, for logits x.

    ln p_c = x_c - ln sum_k e^x_k has the derivative [c = k] - p_k with respect to x_k, so for a
    row dx_k = -sum_c t_c ([c = k] - p_k) = p_k (sum_c t_c) - t_k, times dL / N. For targets that
    sum to one this is p - t. Softmax and logarithm are taken together, with the largest logit
    subtracted first, so the loss stays finite where p underflows.

    x: (N, C) or (C,), floating; t: labels (N,) or () in [0, C), or rows in the shape of x;
    the loss is 0-d with the dtype of x. Raises ValueError when shapes do not fit or a label is
    out of range.

    Source: Saito (2016), sec. 5.6.3 and app. A; Goodfellow et al. (2016), sec. 6.2.2.3.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N C, t: N [int < C] -> loss:",
        "x: N C, t: N C [one-hot] -> loss:",
        "x: C, t: [int < C] -> loss:",
        "x: C, t: C [one-hot] -> loss:",
    )
    _p: Array | None = None
    _t: Array | None = None
    _loss: Array | None = None

    def forward(self, x: ArrayLike, t: ArrayLike) -> Array:
        """Return the mean loss, 0-d."""
        x = snapshot(x)
        t = target_weights(x, t, "SoftmaxWithLoss.forward: x")
        shifted = x - np.max(x, axis=-1, keepdims=True)
        e = np.exp(shifted)
        total = np.sum(e, axis=-1, keepdims=True)
        self._p, self._t = e / total, t
        log_p = shifted - np.log(total)
        self._loss = np.asarray(-np.sum(t * log_p) / _batch_size(x), dtype=x.dtype)
        return self._loss.copy()

    def backward(self, dout: ArrayLike = 1.0) -> Array:
        """Return dx in the shape of x; ``dout`` is 0-d."""
        p, t = self._recall(self._p), self._recall(self._t)
        dout = self._upstream(dout, self._recall(self._loss))
        dx: Array = dout * (p * np.sum(t, axis=-1, keepdims=True) - t) / _batch_size(p)
        return dx


def _batch_size(scores: Array) -> int:
    """N, but one for a single sample, and one for an empty batch, whose sum is zero anyway."""
    return max(len(scores), 1) if scores.ndim == 2 else 1


def target_weights(scores: Array, t: ArrayLike, name: str) -> Array:
    """Return targets as weights t_nc in the shape and dtype of ``scores``: (N, C) or (C,).

    ``t`` with as many axes as the scores is copied as it is; with one axis less it holds integer
    labels and becomes one-hot. ``name`` starts the sentence of the ValueError otherwise.
    """
    if scores.ndim not in (1, 2) or scores.shape[-1] == 0:
        raise ValueError(f"{name} must have shape (N, C) or (C,) with C > 0, got {scores.shape}")
    t = np.asarray(t)
    if t.shape == scores.shape:
        return np.array(t, dtype=scores.dtype)
    if t.shape == scores.shape[:-1]:
        return _one_hot(t, scores.shape[-1]).astype(scores.dtype)
    raise ValueError(
        f"{name} has shape {scores.shape}, so t must have shape {scores.shape[:-1]} (labels) "
        f"or {scores.shape} (one-hot), got {t.shape}"
    )


def _one_hot(labels: Array, C: int) -> Array:
    # An empty list of labels reads as float64, hence the question for the size.
    if labels.size and not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"labels t must be integers, got dtype {labels.dtype}")
    if np.any((labels < 0) | (labels >= C)):
        outside = labels[(labels < 0) | (labels >= C)].flat[0]
        raise ValueError(f"labels t must lie in [0, C) with C = {C}, got {outside}")
    return np.asarray(labels[..., np.newaxis] == np.arange(C))
