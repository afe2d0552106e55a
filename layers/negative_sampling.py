"""Negative sampling: the softmax over a vocabulary replaced by a few yes-or-no questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshot
from layers.logistic import sigmoid, softplus
from layers.reductions import REDUCTIONS, divisor_of, known_reduction, reduced
from layers.targets import checked_labels


class NegativeSampling(Layer):
    """L = -(1/M) sum_n (ln g(h_n . W_{t_n}) + sum_k ln g(-h_n . W_{u_nk})), g the sigmoid.

    Is the word t the one that belongs to the hidden vector h: yes; are the K drawn words u: no.
    Row v of W is the output vector of word v. With the ids i_n = (t_n, u_n1, ..., u_nK), scores
    s_nj = h_n . W_{i_nj} and a sign r_j that is +1 for j = 0 and -1 for the others, a row's loss
    is sum_j softplus(-r_j s_nj), for -ln g(z) = softplus(-z). The derivative of softplus
    is g, so ds_nj = -r_j g(-r_j s_nj) dL / M. From the scores,

        dh_n = sum_j ds_nj W_{i_nj},    dW_v = sum of ds_nj h_n over all (n, j) with i_nj = v:

    a word that occurs several times, in the batch or among its own negatives, collects them all.

    The negatives are an argument of forward, so the layer itself draws nothing. ``reduction`` mean
    divides by M = N, sum does not (M = 1), and none keeps one loss per row.

    h: (N, D), floating; W: (V, D); t: ids (N,) and negatives: ids (N, K), all in [0, V); the loss
    is 0-d, or (N,) for none, in the wider dtype of h and W. Raises ValueError when shapes do not
    fit or an id is out of range.

    Source: Mikolov et al., "Distributed Representations of Words and Phrases and their
    Compositionality" (2013), eq. 4; Saito, "Deep Learning from Scratch 2" (2018), sec. 4.2.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "h: N D, W: V D, t: N [int < V], negatives: N K [int < V] -> loss: when reduction=mean|sum",
        "h: N D, W: V D, t: N [int < V], negatives: N K [int < V] -> loss: N when reduction=none",
    )
    parameters: ClassVar[tuple[str, ...]] = ("W",)
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"reduction": REDUCTIONS}
    _h: Array | None = None
    _ids: Array | None = None
    _scores: Array | None = None
    _loss: Array | None = None
    _divisor: Any = 1

    def __init__(self, W: ArrayLike, *, reduction: str = "mean") -> None:
        """Share W: (V, D), one row for each word."""
        self.W: Array = np.asarray(W)
        self.dW: Array
        self.reduction = known_reduction(reduction, "NegativeSampling")
        if self.W.ndim != 2:
            raise ValueError(f"NegativeSampling: W must have shape (V, D), got {self.W.shape}")

    @classmethod
    def random(
        cls,
        V: int,
        D: int,
        *,
        rng: np.random.Generator | None = None,
        reduction: str = "mean",
    ) -> Self:
        """Draw W normal with the standard deviation 0.01 (Saito 2018, ch. 4)."""
        rng = np.random.default_rng(rng)
        return cls(0.01 * rng.standard_normal((V, D)), reduction=reduction)

    def forward(self, h: ArrayLike, t: ArrayLike, negatives: ArrayLike) -> Array:
        """Return the loss: 0-d, or one per row for reduction none."""
        h = snapshot(h)
        ids = self._checked_ids(h, np.asarray(t), np.asarray(negatives))
        self._h, self._ids = h, ids
        self._scores = np.einsum("nd,njd->nj", h, self.W[ids])
        losses = np.sum(softplus(-_signs(self._scores) * self._scores), axis=-1)
        self._divisor = divisor_of(self.reduction, len(h))
        self._loss = reduced(losses, self.reduction, self._divisor)
        return self._loss.copy()

    def backward(self, dout: ArrayLike = 1.0) -> Array:
        """Return dh: (N, D); store dW: (V, D). ``dout`` has the shape of the loss."""
        h, ids, scores = self._recall(self._h), self._recall(self._ids), self._recall(self._scores)
        dout = self._upstream(dout, self._recall(self._loss))
        r = _signs(scores)
        ds = dout[..., np.newaxis] / self._divisor * -r * sigmoid(-r * scores)
        self.dW = np.zeros(self.W.shape, dtype=scores.dtype)
        # add.at, because dW[ids] += ... would keep only one of the terms of a repeated id.
        np.add.at(self.dW, ids, ds[..., np.newaxis] * h[:, np.newaxis, :])
        return np.asarray(np.einsum("nj,njd->nd", ds, self.W[ids]))

    def _checked_ids(self, h: Array, t: Array, negatives: Array) -> Array:
        """Return the ids (N, 1 + K): the target, then the negatives."""
        V, D = self.W.shape
        fit = h.ndim == negatives.ndim == 2 and h.shape[1] == D
        if not fit or t.shape != (len(h),) or len(negatives) != len(h):
            raise ValueError(
                f"NegativeSampling.forward: h must have shape (N, D) with D = {D}, t (N,) and "
                f"negatives (N, K), got {h.shape}, {t.shape} and {negatives.shape}"
            )
        targets = checked_labels(t, V, "ids t", "V")[:, np.newaxis]
        return np.hstack([targets, checked_labels(negatives, V, "ids negatives", "V")])


def _signs(scores: Array) -> Array:
    """Return +1 for the first column, the target, and -1 for the negatives."""
    r = np.full(scores.shape[-1], -1, dtype=scores.dtype)
    r[0] = 1
    return r
