"""Nodes of a computational graph: the smallest layers, from which all others are composed.

For z = f(x, y) and the upstream gradient dz = dL/dz, the chain rule gives dx = dz * df/dx and
dy = dz * df/dy. Operands have equal shapes: these nodes do not broadcast, Repeat does it openly.
MatMul alone does, over stacks of matrices.

Source: Saito, "Deep Learning from Scratch" (2016), ch. 5, and its volume 2 (2018), ch. 1.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshot, snapshots


class _Binary(Layer):
    """Two operands of one shape, kept for backward."""

    forms: ClassVar[tuple[str, ...]] = (
        "x: N D, y: N D -> z: N D",
        "x: D, y: D -> z: D",
        "x:, y: -> z:",
    )
    _operands: tuple[Array, Array] | None = None

    def _keep(self, x: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
        left, right = snapshots(x, y)
        if left.shape != right.shape:
            raise ValueError(
                f"{type(self).__name__}.forward: x and y must have the same shape, "
                f"got {left.shape} and {right.shape}"
            )
        self._operands = left, right
        return left, right


class Add(_Binary):
    """z = x + y, so dx = dz and dy = dz: two separate copies of the upstream gradient.

    x, y, z: any one shape. Raises ValueError when the shapes differ.
    """

    def forward(self, x: ArrayLike, y: ArrayLike) -> Array:
        """Return x + y."""
        x, y = self._keep(x, y)
        return x + y

    def backward(self, dout: ArrayLike) -> tuple[Array, Array]:
        """Return (dx, dy), each in the shape of z."""
        x, _ = self._recall(self._operands)
        dout = self._upstream(dout, x)
        return dout.copy(), dout.copy()


class Sub(_Binary):
    """z = x - y, so dx = dz and dy = -dz.

    x, y, z: any one shape. Raises ValueError when the shapes differ.
    """

    def forward(self, x: ArrayLike, y: ArrayLike) -> Array:
        """Return x - y."""
        x, y = self._keep(x, y)
        return x - y

    def backward(self, dout: ArrayLike) -> tuple[Array, Array]:
        """Return (dx, dy), each in the shape of z."""
        x, _ = self._recall(self._operands)
        dout = self._upstream(dout, x)
        return dout.copy(), -dout


class Mul(_Binary):
    """z = x * y element by element, so dx = dz * y and dy = dz * x: the operands change places.

    x, y, z: any one shape. Raises ValueError when the shapes differ.
    """

    def forward(self, x: ArrayLike, y: ArrayLike) -> Array:
        """Return x * y."""
        x, y = self._keep(x, y)
        return x * y

    def backward(self, dout: ArrayLike) -> tuple[Array, Array]:
        """Return (dx, dy), each in the shape of z."""
        x, y = self._recall(self._operands)
        dout = self._upstream(dout, x)
        return dout * y, dout * x


class Div(_Binary):
    """z = x / y element by element, so dx = dz / y and dy = -dz * x / y^2.

    x, y, z: any one shape; where y is zero NumPy's warning and infinity stand. Raises ValueError
    when the shapes differ.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N D, y: N D [nonzero] -> z: N D",
        "x: D, y: D [nonzero] -> z: D",
        "x:, y: [nonzero] -> z:",
    )

    def forward(self, x: ArrayLike, y: ArrayLike) -> Array:
        """Return x / y."""
        x, y = self._keep(x, y)
        return x / y

    def backward(self, dout: ArrayLike) -> tuple[Array, Array]:
        """Return (dx, dy), each in the shape of z."""
        x, y = self._recall(self._operands)
        dx = self._upstream(dout, x) / y
        # (x / y) and not x / y^2: the square would overflow long before the quotient does.
        return dx, -dx * (x / y)


class Exp(Layer):
    """y = e^x, its own derivative: dx = dy * y.

    x, y: any one shape.
    """

    forms: ClassVar[tuple[str, ...]] = ("x: N D -> y: N D", "x: D -> y: D", "x: -> y:")
    _y: Array | None = None

    def forward(self, x: ArrayLike) -> Array:
        """Return e^x."""
        self._y = np.asarray(np.exp(snapshot(x)))
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        y = self._recall(self._y)
        return self._upstream(dout, y) * y


class Log(Layer):
    """y = ln x for positive x, so dx = dy / x.

    x, y: any one shape; where x is not positive NumPy's warning and -inf or nan stand.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N D [positive] -> y: N D",
        "x: D [positive] -> y: D",
        "x: [positive] -> y:",
    )
    _x: Array | None = None

    def forward(self, x: ArrayLike) -> Array:
        """Return ln x."""
        self._x = snapshot(x)
        return np.log(self._x)

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        x = self._recall(self._x)
        return self._upstream(dout, x) / x


class MatMul(Layer):
    """y = x W for matrices x: (N, D) and W: (D, M), both of them inputs.

    With y_nm = sum_d x_nd W_dm, dL/dx_nd = sum_m dy_nm W_dm and dL/dW_dm = sum_n x_nd dy_nm:
    dx = dy W^T and dW = x^T dy.

    Axes before the last two count matrices, and broadcast as in np.matmul: an axis that is
    missing or of size one is repeated. A matrix used in several products gets the sum of its
    gradients. Raises ValueError when the matrices do not fit.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N D, W: D M -> y: N M",
        "x: N T D, W: N D M -> y: N T M",
        "x: N T D, W: D M -> y: N T M",
        "x: T D, W: N D M -> y: N T M",
        "x: N K T D, W: N 1 D M -> y: N K T M",
    )
    _operands: tuple[Array, Array] | None = None
    _y: Array | None = None

    def forward(self, x: ArrayLike, W: ArrayLike) -> Array:
        """Return x W, of shape (..., N, M)."""
        x, W = snapshots(x, W)
        if x.ndim < 2 or W.ndim < 2 or x.shape[-1] != W.shape[-2]:
            raise ValueError(
                f"MatMul.forward: x: (N, D) and W: (D, M) must share D, got {x.shape} and {W.shape}"
            )
        try:
            self._y = x @ W
        except ValueError:
            raise ValueError(
                "MatMul.forward: the axes of x and W before the last two must broadcast, "
                f"got {x.shape} and {W.shape}"
            ) from None
        self._operands = x, W
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> tuple[Array, Array]:
        """Return (dx, dW) in the shapes of x and W."""
        x, W = self._recall(self._operands)
        dout = self._upstream(dout, self._recall(self._y))
        dx, dW = dout @ np.swapaxes(W, -1, -2), np.swapaxes(x, -1, -2) @ dout
        return sum_to(dx, x.shape), sum_to(dW, W.shape)


def sum_to(gradient: Array, shape: tuple[int, ...]) -> Array:
    """Sum over the axes along which an array of ``shape`` was broadcast to that of ``gradient``."""
    missing = gradient.ndim - len(shape)
    repeated = (missing + axis for axis, size in enumerate(shape) if size == 1)
    summed: Array = np.sum(gradient, axis=(*range(missing), *repeated), keepdims=True)
    return summed.reshape(shape)


class Repeat(Layer):
    """y_nd = x_0d for n = 1 ... times: one row, repeated.

    Each x_d reaches L by every row, and the chain rule adds over all ways: dx_d = sum_n dy_nd.
    x: (1, D), y: (times, D). Raises ValueError when x is not one row or times is negative.
    """

    forms: ClassVar[tuple[str, ...]] = ("x: 1 D -> y: times D",)
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"times": (2, 1, 3, 7)}
    _y: Array | None = None

    def __init__(self, times: int = 2) -> None:
        """Make a node that repeats its row ``times`` times."""
        if times < 0:
            raise ValueError(f"Repeat: times must not be negative, got {times}")
        self.times = times

    def forward(self, x: ArrayLike) -> Array:
        """Return x repeated, of shape (times, D)."""
        x = snapshot(x)
        if x.ndim != 2 or x.shape[0] != 1:
            raise ValueError(f"Repeat.forward: x must have shape (1, D), got {x.shape}")
        self._y = np.repeat(x, self.times, axis=0)
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx, of shape (1, D)."""
        dout = self._upstream(dout, self._recall(self._y))
        dx: Array = np.sum(dout, axis=0, keepdims=True)
        return dx


class Sum(Layer):
    """y_d = sum_n x_nd: the rows added up, the mirror image of Repeat.

    Each x_nd enters y_d with the factor one, so dx_nd = dy_d for every n.
    x: (N, D), y: (1, D). Raises ValueError when x is not a matrix.
    """

    forms: ClassVar[tuple[str, ...]] = ("x: N D -> y: 1 D",)

    _rows: int | None = None
    _y: Array | None = None

    def forward(self, x: ArrayLike) -> Array:
        """Return the sum of the rows, of shape (1, D)."""
        x = snapshot(x)
        if x.ndim != 2:
            raise ValueError(f"Sum.forward: x must have shape (N, D), got {x.shape}")
        self._rows = len(x)
        self._y = np.sum(x, axis=0, keepdims=True)
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx, of shape (N, D)."""
        dout = self._upstream(dout, self._recall(self._y))
        return np.repeat(dout, self._recall(self._rows), axis=0)
