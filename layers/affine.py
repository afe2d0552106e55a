"""The affine layer, also called linear, dense or fully connected."""

from __future__ import annotations

from math import prod
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshot


class Affine(Layer):
    """y = x W + b, with one sample per row; without the bias b, y = x W.

    y_nm = sum_d x_nd W_dm + b_m, so dL/dx_nd = sum_m dy_nm W_dm, dL/dW_dm = sum_n x_nd dy_nm and
    dL/db_m = sum_n dy_nm, for b_m enters every row: dx = dy W^T, dW = x^T dy, db = sum_n dy_n.

    W: (D, M); b: (M,) or None. x and y are one of

    * (N, D) and (N, M), or one sample: (D,) and (M,);
    * (N, ..., D) and (N, ..., M): each of the N * ... vectors is a row, as the steps of sequences;
    * (N, d1, ..., dk) with d1 * ... * dk = D, and (N, M): each x_n is flattened, as images are.

    The last two can be confused only when all axes in between have size one, as in (N, 1, D); the
    last axis decides: is it D, the axes before it are kept. Raises ValueError when D or M do not
    fit.

    Source: Saito, "Deep Learning from Scratch" (2016), sec. 5.6; Goodfellow, Bengio, Courville,
    "Deep Learning" (2016), sec. 6.5.6.
    """

    # Images with an axis of size two: with one it would be the sequence of the next form.
    forms: ClassVar[tuple[str, ...]] = (
        "x: N D, W: D M, b: M -> y: N M",
        "x: D, W: D M, b: M -> y: M",
        "x: N 2 K, W: 2*K M, b: M -> y: N M",
        "x: N T D, W: D M, b: M -> y: N T M",
        "x: N D, W: D M -> y: N M",
        "x: N T D, W: D M -> y: N T M",
    )
    parameters: ClassVar[tuple[str, ...]] = ("W", "b")

    _x: Array | None = None
    _y: Array | None = None

    def __init__(self, W: ArrayLike, b: ArrayLike | None = None) -> None:
        """Share W: (D, M) and b: (M,); see the class for what is raised."""
        self.W: Array = np.asarray(W)
        self.b: Array | None = None if b is None else np.asarray(b)
        self.dW: Array
        self.db: Array  # there is none without b
        if self.W.ndim != 2 or (self.b is not None and self.b.shape != self.W.shape[1:]):
            raise ValueError(
                "Affine: W: (D, M) and b: (M,) must share M, "
                f"got {self.W.shape} and {None if self.b is None else self.b.shape}"
            )

    @classmethod
    def random(
        cls,
        D: int,
        M: int,
        *,
        rng: np.random.Generator | None = None,
        bias: bool = True,
        gain: float = 2.0,
    ) -> Self:
        """Return a layer with normal W of variance gain/D, and zero b.

        A gain of 2 makes up for the half that a ReLU behind it cuts off; without one it is 1.

        Source: He et al., "Delving Deep into Rectifiers" (2015), eq. 10; LeCun, Bottou, Orr,
        Müller, "Efficient BackProp" (1998), eq. 16.
        """
        rng = np.random.default_rng(rng)
        W = np.sqrt(gain / max(D, 1)) * rng.standard_normal((D, M))
        return cls(W, np.zeros(M) if bias else None)

    def forward(self, x: ArrayLike) -> Array:
        """Return x W + b, with the axes that the class tells."""
        x = snapshot(x)
        rows = self._rows(x)
        y = rows @ self.W if self.b is None else rows @ self.W + self.b
        self._x = x
        self._y = y.reshape(*self._leading_axes(x), self.W.shape[1])
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x; store dW: (D, M), and db: (M,) if there is b."""
        x = self._recall(self._x)
        dout = self._upstream(dout, self._recall(self._y))
        rows = self._rows(x)
        dout = dout.reshape(len(rows), self.W.shape[1])
        self.dW = rows.T @ dout
        if self.b is not None:
            self.db = dout.sum(axis=0)
        return (dout @ self.W.T).reshape(x.shape)

    def _rows(self, x: Array) -> Array:
        """View x as rows of D numbers each."""
        # The number of rows is spelt out: NumPy cannot infer it for an empty batch.
        return x.reshape(prod(self._leading_axes(x)), self.W.shape[0])

    def _leading_axes(self, x: Array) -> tuple[int, ...]:
        """Return the axes of x that y has too, before its last one."""
        D = self.W.shape[0]
        if x.ndim > 0 and x.shape[-1] == D:
            return x.shape[:-1]
        if x.ndim > 1 and prod(x.shape[1:]) == D:
            return x.shape[:1]
        raise ValueError(
            f"Affine.forward: x of shape {x.shape} must hold D = {D} numbers per sample, "
            f"as W of shape {self.W.shape} expects"
        )
