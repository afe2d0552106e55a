"""Activations: nonlinear functions between the layers that carry weights."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshot
from layers.logistic import sigmoid, tanh_slope

ELEMENTWISE = ("x: N D -> y: N D", "x: D -> y: D", "x: N C H W -> y: N C H W")


class ReLU(Layer):
    """y = max(x, 0) element by element, so dx = dy where x > 0 and zero elsewhere.

    At x = 0 there is a kink and any slope in [0, 1] is a subgradient; zero is taken, as is usual.
    x, y: any one shape, any floating dtype.

    Source: Goodfellow, Bengio, Courville, "Deep Learning" (2016), sec. 6.3.1.
    """

    forms: ClassVar[tuple[str, ...]] = ELEMENTWISE
    _x: Array | None = None

    def forward(self, x: ArrayLike) -> Array:
        """Return max(x, 0)."""
        self._x = snapshot(x)
        return np.maximum(self._x, np.zeros_like(self._x))

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        x = self._recall(self._x)
        # Selected, not multiplied by a mask: zero times an infinite gradient would be nan.
        return np.where(x > 0, self._upstream(dout, x), np.zeros_like(x))


class Sigmoid(Layer):
    """y = 1 / (1 + e^-x) element by element.

    dy/dx = e^-x / (1 + e^-x)^2 = y (1 - y), so dx = dy * y (1 - y), from the output alone; but
    1 - y = 1 / (1 + e^x), kept beside it, still has digits where the subtraction has none.
    x, y: any one shape, any floating dtype; x may be as large as the dtype holds.

    Source: Bishop, "Pattern Recognition and Machine Learning" (2006), sec. 4.2 and eq. 4.88.
    """

    forms: ClassVar[tuple[str, ...]] = ELEMENTWISE
    _y: Array | None = None
    _complement: Array | None = None

    def forward(self, x: ArrayLike) -> Array:
        """Return 1 / (1 + e^-x)."""
        x = snapshot(x)
        self._y, self._complement = np.asarray(sigmoid(x)), np.asarray(sigmoid(-x))
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        y = self._recall(self._y)
        return self._upstream(dout, y) * y * self._recall(self._complement)


class Tanh(Layer):
    """y = tanh x = (e^x - e^-x) / (e^x + e^-x) element by element.

    The quotient rule gives dy/dx = 4 / (e^x + e^-x)^2, which is 1 - y^2, so dx = dy (1 - y^2).
    Once y has rounded to one, 1 - y^2 has no digits left; the first form keeps them.

    x, y: any one shape, any floating dtype; x may be as large as the dtype holds.

    Source: Goodfellow, Bengio, Courville, "Deep Learning" (2016), sec. 6.3.2.
    """

    forms: ClassVar[tuple[str, ...]] = ELEMENTWISE
    _slope: Array | None = None

    def forward(self, x: ArrayLike) -> Array:
        """Return tanh x."""
        x = snapshot(x)
        self._slope = np.asarray(tanh_slope(x))
        y: Array = np.tanh(x)
        return y

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        slope = self._recall(self._slope)
        return self._upstream(dout, slope) * slope


class Softmax(Layer):
    """y_c = e^x_c / sum_k e^x_k along ``axis``: positive, and summing to one there.

    dy_c/dx_k = y_c ([c = k] - y_k), so dx_k = sum_c dy_c y_c ([c = k] - y_k)
    = y_k (dy_k - sum_c dy_c y_c). A constant added to all x_c changes nothing, which allows to
    subtract the largest first: no exponent is positive then.

    x, y: one shape that has the axis, any floating dtype. Raises ValueError (NumPy's AxisError)
    when it does not.

    Source: Bishop (2006), eq. 4.104 to 4.106; Goodfellow et al. (2016), sec. 6.2.2.3.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N C -> y: N C",
        "x: C -> y: C",
        "x: N C L -> y: N C L",
    )
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"axis": (-1, 0)}
    _y: Array | None = None

    def __init__(self, axis: int = -1) -> None:
        """Make a softmax along ``axis``."""
        self.axis = axis

    def forward(self, x: ArrayLike) -> Array:
        """Return the softmax of x along the axis."""
        x = snapshot(x)
        # The initial value lets an axis without elements through.
        e = np.exp(x - np.max(x, axis=self.axis, keepdims=True, initial=-np.inf))
        self._y = e / np.sum(e, axis=self.axis, keepdims=True)
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        y = self._recall(self._y)
        dout = self._upstream(dout, y)
        dx: Array = y * (dout - np.sum(dout * y, axis=self.axis, keepdims=True))
        return dx


class LogSoftmax(Layer):
    """y_c = ln(e^x_c / sum_k e^x_k) = x_c - ln sum_k e^x_k along ``axis``.

    With p = e^y, the softmax of x, dy_c/dx_k = [c = k] - p_k, so
    dx_k = sum_c dy_c ([c = k] - p_k) = dy_k - p_k sum_c dy_c. The largest x is subtracted from
    all of them first, which changes nothing: so y stays finite where p underflows to zero.

    x, y: one shape that has the axis, any floating dtype. Raises ValueError (NumPy's AxisError)
    when it does not.

    Source: Bishop (2006), eq. 4.104 to 4.106; Blanchard, Higham, Higham, "Accurately computing
    the log-sum-exp and softmax functions" (2021), sec. 1.
    """

    forms: ClassVar[tuple[str, ...]] = Softmax.forms
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = Softmax.options
    _p: Array | None = None

    def __init__(self, axis: int = -1) -> None:
        """Make the logarithm of a softmax along ``axis``."""
        self.axis = axis

    def forward(self, x: ArrayLike) -> Array:
        """Return the logarithm of the softmax of x along the axis."""
        y, self._p = log_softmax(snapshot(x), self.axis)
        return y

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        p = self._recall(self._p)
        dout = self._upstream(dout, p)
        dx: Array = dout - p * np.sum(dout, axis=self.axis, keepdims=True)
        return dx


def log_softmax(x: Array, axis: int = -1) -> tuple[Array, Array]:
    """Return ln p and p, where p is the softmax of x along ``axis``."""
    shifted = x - np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    e = np.exp(shifted)
    total = np.sum(e, axis=axis, keepdims=True)
    # Only an axis without elements has the sum zero, whose logarithm nobody asks for.
    return shifted - np.log(total, where=total != 0, out=np.zeros_like(total)), e / total
