"""What a sequence model sees of words and of places: rows of tables, and waves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshot, snapshots


class Embedding(Layer):
    """y_i = W[ids_i]: the row of the table W that each id asks for.

    As a product, y = e W with one-hot rows e_iv = [ids_i = v], hence dW = e^T dy: dW_v =
    sum over all i with ids_i = v of dy_i. An id that occurs several times adds each of its
    gradients (``dW[ids] += dy`` would keep only the last), one that does not occur gets zero.
    The ids have no gradient: backward returns None.

    ids: integers of any shape in [0, V), NumPy's negative ones are refused; W: (V, D);
    y: (*ids.shape, D). There is no padding id: a row without gradient would not be the derivative
    of this forward; set ``dW[id] = 0`` for that. Raises ValueError when W is no matrix or an id is
    out of range or not an integer.

    Source: Goodfellow, Bengio, Courville, "Deep Learning" (2016), sec. 12.4.2; Saito, "Deep
    Learning from Scratch 2" (2018), sec. 4.1.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "ids: N T [int < V], W: V D -> y: N T D",
        "ids: N [int < V], W: V D -> y: N D",
        "ids: [int < V], W: V D -> y: D",
    )
    parameters: ClassVar[tuple[str, ...]] = ("W",)
    _ids: Array | None = None
    _y: Array | None = None

    def __init__(self, W: ArrayLike) -> None:
        """Share W: (V, D), one row for each id."""
        self.W: Array = np.asarray(W)
        self.dW: Array
        if self.W.ndim != 2:
            raise ValueError(f"Embedding: W must have shape (V, D), got {self.W.shape}")

    @classmethod
    def random(cls, V: int, D: int, *, rng: np.random.Generator | None = None) -> Self:
        """Draw W standard normal, as PyTorch does."""
        rng = np.random.default_rng(rng)
        return cls(rng.standard_normal((V, D)))

    def forward(self, ids: ArrayLike) -> Array:
        """Return the rows, of shape (*ids.shape, D)."""
        ids = self._checked(np.array(ids))
        self._ids, self._y = ids, snapshot(self.W[ids])
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> None:
        """Store dW: (V, D)."""
        ids = self._recall(self._ids)
        dout = self._upstream(dout, self._recall(self._y))
        self.dW = np.zeros(self.W.shape, dout.dtype)
        np.add.at(self.dW, ids, dout)

    def _checked(self, ids: Array) -> Array:
        V = len(self.W)
        # An empty list of ids reads as float64, hence the question for the size.
        if ids.size and not np.issubdtype(ids.dtype, np.integer):
            raise ValueError(f"Embedding.forward: ids must be integers, got dtype {ids.dtype}")
        outside = ids[(ids < 0) | (ids >= V)]
        if outside.size:
            raise ValueError(
                f"Embedding.forward: ids must lie in [0, V) with V = {V}, as W of shape "
                f"{self.W.shape} expects, got {outside.flat[0]}"
            )
        return ids.astype(np.intp, copy=False)


class PositionalEncoding(Layer):
    """y_td = x_td + P_td: waves that tell the places t = 0, 1, 2, ... of a sequence apart.

    P_t,2i = sin(t / base^(2i/D)) and P_t,2i+1 = cos(t / base^(2i/D)); where D is odd the last sine
    has no cosine. P depends on the place alone, not on x: dx = dy. It is computed for as many
    places as x has, so no length is set beforehand.

    x, y: (T, D), or (N, T, D) with any number of axes in front. Raises ValueError when x has less
    than two axes.

    Source: Vaswani et al., "Attention Is All You Need" (2017), sec. 3.5.
    """

    forms: ClassVar[tuple[str, ...]] = ("x: N T D -> y: N T D", "x: T D -> y: T D")
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"base": (10000.0, 100.0, 2.0)}
    _y: Array | None = None

    def __init__(self, base: float = 10000.0) -> None:
        """Make waves whose lengths run from 2 pi to 2 pi ``base``."""
        self.base = base

    def forward(self, x: ArrayLike) -> Array:
        """Return x + P in the shape of x."""
        x = snapshot(x)
        if x.ndim < 2:
            raise ValueError(
                f"PositionalEncoding.forward: x must have shape (..., T, D), got {x.shape}"
            )
        self._y = x + self._waves(x.shape[-2], x.shape[-1], x.real.dtype)
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        return self._upstream(dout, self._recall(self._y)).copy()

    def _waves(self, T: int, D: int, dtype: np.dtype[Any]) -> Array:
        """Return P: (T, D)."""
        # Angles have as many digits before the point as T: float16 and float32 lack those behind.
        exact = np.result_type(dtype, np.float64)
        t, d = np.arange(T, dtype=exact)[:, np.newaxis], np.arange(D, dtype=exact)
        # Column d belongs to the pair i = d // 2.
        angles = t / exact.type(self.base) ** (2 * (d // 2) / max(D, 1))
        return np.asarray(np.where(d % 2 == 0, np.sin(angles), np.cos(angles)), dtype)


class LearnedPositions(Layer):
    """y_td = x_td + W_td: a learned row for each place t of a sequence.

    W_t enters every sequence of the batch at place t, so dW_t = sum_n dy_nt, and dx = dy. W may
    have more rows than x has places; those not reached get the gradient zero.

    x, y: (T, D), or (N, T, D) with any number of axes in front; W: (L, D) with L >= T. Raises
    ValueError when these do not fit.

    Source: Gehring et al., "Convolutional Sequence to Sequence Learning" (2017), sec. 3.1.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N T D, W: T D -> y: N T D",
        "x: N T D, W: T+R D -> y: N T D",
        "x: T D, W: T D -> y: T D",
    )
    parameters: ClassVar[tuple[str, ...]] = ("W",)
    _y: Array | None = None

    def __init__(self, W: ArrayLike) -> None:
        """Share W: (L, D), one row for each place."""
        self.W: Array = np.asarray(W)
        self.dW: Array
        if self.W.ndim != 2:
            raise ValueError(f"LearnedPositions: W must have shape (L, D), got {self.W.shape}")

    @classmethod
    def random(cls, L: int, D: int, *, rng: np.random.Generator | None = None) -> Self:
        """Draw W normal with the standard deviation 0.02, as GPT-2 and BERT do."""
        rng = np.random.default_rng(rng)
        return cls(0.02 * rng.standard_normal((L, D)))

    def forward(self, x: ArrayLike) -> Array:
        """Return x + W in the shape of x."""
        x, W = snapshots(x, self.W)
        if x.ndim < 2 or x.shape[-1] != W.shape[1] or x.shape[-2] > len(W):
            raise ValueError(
                f"LearnedPositions.forward: x: (..., T, D) and W: (L, D) must share D and T may be "
                f"at most L, got {x.shape} and {W.shape}"
            )
        self._y = x + W[: x.shape[-2]]
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x; store dW: (L, D)."""
        dout = self._upstream(dout, self._recall(self._y))
        self.dW = np.zeros(self.W.shape, dout.dtype)
        self.dW[: dout.shape[-2]] = np.sum(dout, axis=tuple(range(dout.ndim - 2)))
        return dout.copy()
