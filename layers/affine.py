"""The affine layer, also called linear, dense or fully connected."""

from math import prod
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshot


class Affine(Layer):
    """y = x W + b, with one sample per row.

    y_nm = sum_d x_nd W_dm + b_m, so dL/dx_nd = sum_m dy_nm W_dm, dL/dW_dm = sum_n x_nd dy_nm and
    dL/db_m = sum_n dy_nm, for b_m enters every row: dx = dy W^T, dW = x^T dy, db = sum_n dy_n.

    x: (N, D), or (N, d1, ..., dk) with d1 * ... * dk = D, or one sample (D,); W: (D, M); b: (M,);
    y: (N, M), or (M,) for one sample. Raises ValueError when D or M do not fit.

    Source: Saito, "Deep Learning from Scratch" (2016), sec. 5.6; Goodfellow, Bengio, Courville,
    "Deep Learning" (2016), sec. 6.5.6.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N D, W: D M, b: M -> y: N M",
        "x: D, W: D M, b: M -> y: M",
        "x: N H K, W: H*K M, b: M -> y: N M",
    )
    parameters: ClassVar[tuple[str, ...]] = ("W", "b")

    _x: Array | None = None
    _y: Array | None = None

    def __init__(self, W: ArrayLike, b: ArrayLike) -> None:
        """Share W: (D, M) and b: (M,); see the class for what is raised."""
        self.W: Array = np.asarray(W)
        self.b: Array = np.asarray(b)
        self.dW: Array
        self.db: Array
        if self.W.ndim != 2 or self.b.shape != self.W.shape[1:]:
            raise ValueError(
                f"Affine: W: (D, M) and b: (M,) must share M, got {self.W.shape} and {self.b.shape}"
            )

    def forward(self, x: ArrayLike) -> Array:
        """Return x W + b, of shape (N, M), or (M,) for one sample."""
        x = snapshot(x)
        y = self._rows(x) @ self.W + self.b
        self._x = x
        self._y = y.reshape(-1) if x.ndim == 1 else y
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x; store dW: (D, M) and db: (M,)."""
        x = self._recall(self._x)
        dout = self._upstream(dout, self._recall(self._y))
        dout = dout.reshape(1, -1) if x.ndim == 1 else dout
        self.dW = self._rows(x).T @ dout
        self.db = dout.sum(axis=0)
        return (dout @ self.W.T).reshape(x.shape)

    def _rows(self, x: Array) -> Array:
        """View x as one row of D numbers per sample."""
        D = self.W.shape[0]
        sample = x.shape[-1:] if x.ndim == 1 else x.shape[1:]
        if x.ndim == 0 or prod(sample) != D:
            raise ValueError(
                f"Affine.forward: x of shape {x.shape} must hold D = {D} numbers per sample, "
                f"as W of shape {self.W.shape} expects"
            )
        # The number of rows is spelt out: NumPy cannot infer it for an empty batch.
        return x.reshape(1 if x.ndim == 1 else len(x), D)
