"""The softmax loss of a sequence model: one label for every time step."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from layers.activations import log_softmax
from layers.layer import Array, Layer, snapshot
from layers.reductions import divisor_of, reduced
from layers.targets import one_hot, weighted


class TimeSoftmaxWithLoss(Layer):
    """L = -(1/M) sum ln p_{n,t,label(n,t)} over the M labels that count, p = softmax(x) over V.

    A label that equals ``ignore_label`` does not count: padding behind the end of a shorter
    sequence. With q_ntv one where v is a label that counts and zero elsewhere,
    L = -(1/M) sum_ntv q_ntv ln p_ntv, and as for one row of SoftmaxWithLoss
    dx_ntv = (dL / M) (p_ntv sum_k q_ntk - q_ntv): p - q at the steps that count, zero at others.
    If none counts, the loss is 0.0 and the gradient zero.

    Each step counts alike, so a longer sequence has more weight than a shorter one. A logit of
    -inf rules its entry out, and costs nothing unless it is the label's.

    x: (N, T, V), floating, V > 0; t: labels (N, T) in [0, V), or the ignored one; the loss is 0-d
    with the dtype of x. Raises ValueError when shapes do not fit or a label is out of range.

    Source: Saito, "Deep Learning from Scratch 2" (2018), ch. 5; Stanford course CS231n,
    assignment 3, temporal softmax loss (which divides by N instead).
    """

    forms: ClassVar[tuple[str, ...]] = ("x: N T V, t: N T [int < V] -> loss:",)
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"ignore_label": (-1, 0)}
    _p: Array | None = None
    _q: Array | None = None
    _loss: Array | None = None
    _divisor: Any = 1

    def __init__(self, *, ignore_label: int | None = -1) -> None:
        """Make a loss that leaves out the steps labelled ``ignore_label``; None counts all."""
        self.ignore_label = ignore_label

    def forward(self, x: ArrayLike, t: ArrayLike) -> Array:
        """Return the mean loss, 0-d."""
        x, t = snapshot(x), np.asarray(t)
        if x.ndim != 3 or x.shape[-1] == 0 or t.shape != x.shape[:-1]:
            raise ValueError(
                f"TimeSoftmaxWithLoss.forward: x must have shape (N, T, V) with V > 0 and t "
                f"(N, T), got {x.shape} and {t.shape}"
            )
        self._q = one_hot(t, x.shape[-1], self.ignore_label).astype(x.dtype)
        self._divisor = divisor_of("mean", int(np.count_nonzero(self._q)))
        log_p, self._p = log_softmax(x)
        self._loss = reduced(-weighted(self._q, log_p), "mean", self._divisor)
        return self._loss.copy()

    def backward(self, dout: ArrayLike = 1.0) -> Array:
        """Return dx in the shape of x; ``dout`` is 0-d."""
        p, q = self._recall(self._p), self._recall(self._q)
        dout = self._upstream(dout, self._recall(self._loss))
        return np.asarray(dout / self._divisor * (p * np.sum(q, axis=-1, keepdims=True) - q))
