"""The affine layer at every step of a sequence."""

from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshots


class TimeAffine(Layer):
    """y_nt = x_nt W + b: one Affine for every step t of every sequence n, with the same weights.

    As in Affine dx_nt = dy_nt W^T; W and b serve all steps, so dW = sum_nt x_nt^T dy_nt and
    db = sum_nt dy_nt. In memory it is one product of N*T rows.

    x: (N, T, D), or (..., D) with any number of axes in front; W: (D, M); b: (M,); y: (..., M).
    Unlike here, Affine takes all axes but the first together. Raises ValueError when D or M do
    not fit.

    Source: Saito, "Deep Learning from Scratch 2" (2018), sec. 5.4.2; Stanford course
    CS231n, assignment 3, temporal affine layer.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N T D, W: D M, b: M -> y: N T M",
        "x: N D, W: D M, b: M -> y: N M",
    )
    parameters: ClassVar[tuple[str, ...]] = ("W", "b")
    _kept: tuple[Array, Array] | None = None
    _y: Array | None = None

    def __init__(self, W: ArrayLike, b: ArrayLike) -> None:
        """Share W: (D, M) and b: (M,)."""
        self.W: Array = np.asarray(W)
        self.b: Array = np.asarray(b)
        self.dW: Array
        self.db: Array
        if self.W.ndim != 2 or self.b.shape != self.W.shape[1:]:
            raise ValueError(
                f"TimeAffine: W: (D, M) and b: (M,) must share M, "
                f"got {self.W.shape} and {self.b.shape}"
            )

    @classmethod
    def random(cls, D: int, M: int, *, rng: np.random.Generator | None = None) -> Self:
        """Draw normal weights of variance 1/D, so that y varies as x does; the bias is zero.

        Source: LeCun, Bottou, Orr, Müller, "Efficient BackProp" (1998), eq. 16.
        """
        rng = np.random.default_rng() if rng is None else rng
        return cls(rng.standard_normal((D, M)) / np.sqrt(max(D, 1)), np.zeros(M))

    def forward(self, x: ArrayLike) -> Array:
        """Return x W + b, of shape (..., M)."""
        x, W, b = snapshots(x, self.W, self.b)
        if x.ndim == 0 or x.shape[-1] != len(W):
            raise ValueError(
                f"TimeAffine.forward: x must be (..., D) with D = {len(W)}, as W of shape "
                f"{W.shape} expects, got {x.shape}"
            )
        self._kept = x, W
        self._y = np.tensordot(x, W, axes=1) + b
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x; store dW: (D, M) and db: (M,)."""
        x, W = self._recall(self._kept)
        dout = self._upstream(dout, self._recall(self._y))
        steps = tuple(range(x.ndim - 1))
        self.dW, self.db = np.tensordot(x, dout, axes=(steps, steps)), dout.sum(axis=steps)
        return np.tensordot(dout, W.T, axes=1)
