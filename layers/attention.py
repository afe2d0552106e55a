"""Attention: every row of the output is a mean of values, weighted by a softmax over keys."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshots


class ScaledDotProductAttention(Layer):
    """y_t = sum_s p_ts v_s, with p_ts the softmax over s of a_ts = q_t . k_s / sqrt(D).

    In matrices a = q k^T / sqrt(D), p = softmax(a), y = p v. So dv = p^T dy and dp = dy v^T;
    through the softmax da_ts = p_ts (dp_ts - sum_u p_tu dp_tu); and dq = da k / sqrt(D),
    dk = da^T q / sqrt(D). Dividing by sqrt(D) keeps the variance of a at one when the elements of
    q and k are independent with variance one.

    Row t may look at the keys s where ``mask`` is true and, if ``causal``, where s <= t, counted
    from the start of both sequences also when S and T differ. Other keys get p_ts = 0 and no
    gradient. A row that may look nowhere has y_t = 0 and gives no gradient to anything.

    q: (..., T, D), k: (..., S, D), v: (..., S, E), y: (..., T, E), with the same leading axes, if
    any; mask: booleans (..., T, S), or anything that broadcasts to it, or left out; floating
    dtypes. The largest score that a row may see is subtracted first, so scores may be as large as
    the dtype holds. Raises ValueError when shapes do not fit or the mask is not boolean.

    Source: Vaswani et al., "Attention is all you need" (2017), sec. 3.2.1 and eq. 1.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "q: N T D, k: N S D, v: N S E -> y: N T E",
        "q: N T D, k: N S D, v: N S E, mask: N T S [mask] -> y: N T E",
        "q: N G T D, k: N G S D, v: N G S E -> y: N G T E",
        "q: T D, k: S D, v: S E -> y: T E",
    )
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"causal": (False, True)}
    _kept: tuple[Array, Array, Array, Array] | None = None
    _y: Array | None = None

    def __init__(self, causal: bool = False) -> None:
        """Make an attention in which, if ``causal``, no row sees a later key."""
        self.causal = causal

    def forward(
        self, q: ArrayLike, k: ArrayLike, v: ArrayLike, mask: ArrayLike | None = None
    ) -> Array:
        """Return the weighted means of the values, of shape (..., T, E)."""
        q, k, v = snapshots(q, k, v)
        _check(q, k, v)
        # Scaled before the product, which is then less likely to overflow.
        a = (q / _root(q)) @ np.swapaxes(k, -1, -2)
        p = _softmax_where(self._visible(a.shape, mask), a)
        self._kept = q, k, v, p
        self._y = p @ v
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> tuple[Array, Array, Array]:
        """Return (dq, dk, dv), each in the shape of its array."""
        q, k, v, p = self._recall(self._kept)
        dout = self._upstream(dout, self._recall(self._y))
        dv = np.swapaxes(p, -1, -2) @ dout
        dp = dout @ np.swapaxes(v, -1, -2)
        da = p * (dp - np.sum(p * dp, axis=-1, keepdims=True))
        dq, dk = da @ (k / _root(k)), np.swapaxes(da, -1, -2) @ (q / _root(q))
        return dq, dk, dv

    def _visible(self, shape: tuple[int, ...], mask: ArrayLike | None) -> Array:
        """Return booleans (..., T, S), true where a row may look."""
        visible = np.ones(shape, bool)
        if self.causal:
            visible = np.tril(visible)
        return visible if mask is None else visible & checked_mask(type(self).__name__, mask, shape)


def checked_mask(name: str, mask: ArrayLike, shape: tuple[int, ...]) -> Array:
    """Return ``mask`` broadcast to (..., T, S); ValueError unless it is boolean and fits."""
    mask = np.asarray(mask)
    if mask.dtype != np.bool_:
        # A mask of numbers may mean the opposite, or be meant to be added to the scores.
        raise ValueError(f"{name}: mask must be boolean (true = may look), got {mask.dtype}")
    try:
        return np.broadcast_to(mask, shape)
    except ValueError:
        raise ValueError(
            f"{name}: mask must broadcast to (..., T, S) = {shape}, got {mask.shape}"
        ) from None


def _root(x: Array) -> Array:
    """Return sqrt(D) in the precision of x, whose last axis has D elements."""
    return np.asarray(np.sqrt(np.asarray(x.shape[-1], x.dtype)))


def _softmax_where(visible: Array, a: Array) -> Array:
    """Return the softmax over the visible scores of each row, and zero elsewhere."""
    top = np.max(a, axis=-1, keepdims=True, where=visible, initial=-np.inf)
    e = np.exp(np.subtract(a, top, where=visible, out=np.full_like(a, -np.inf)))
    total = np.sum(e, axis=-1, keepdims=True)
    return np.asarray(np.divide(e, total, where=total > 0, out=np.zeros_like(e)))


def _check(q: Array, k: Array, v: Array) -> None:
    """Raise ValueError unless q: (..., T, D), k: (..., S, D) and v: (..., S, E)."""
    ranks = {q.ndim, k.ndim, v.ndim}
    if len(ranks) > 1 or q.ndim < 2:
        fits = False
    else:
        leading = {q.shape[:-2], k.shape[:-2], v.shape[:-2]}
        fits = len(leading) == 1 and q.shape[-1] == k.shape[-1] and k.shape[-2] == v.shape[-2]
    if not fits:
        raise ValueError(
            "ScaledDotProductAttention.forward: q: (..., T, D), k: (..., S, D) and v: (..., S, E) "
            f"must share their leading axes, D and S, got {q.shape}, {k.shape} and {v.shape}"
        )
