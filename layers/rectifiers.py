"""Rectifiers: the identity for positive x, and something other than ReLU's zero for the rest.

At x = 0 all of them take the slope of the left side, where the two differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from layers.activations import ELEMENTWISE
from layers.layer import Array, Layer, snapshot, snapshots


class LeakyReLU(Layer):
    """y = x for x > 0 and alpha x elsewhere, so dx = dy there and alpha dy elsewhere.

    At the kink x = 0 any slope between alpha and one would do; alpha is taken.
    x, y: any one shape, any floating dtype.

    Source: Maas, Hannun, Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic Models"
    (2013), sec. 2.
    """

    forms: ClassVar[tuple[str, ...]] = ELEMENTWISE
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"alpha": (0.01, 0.2, 0.0, 1.5)}
    _x: Array | None = None

    def __init__(self, alpha: float = 0.01) -> None:
        """Make a rectifier of slope ``alpha`` on the left."""
        self.alpha = alpha

    def forward(self, x: ArrayLike) -> Array:
        """Return x, or alpha x where x is not positive."""
        self._x = x = snapshot(x)
        # The factor takes the dtype of x, or NumPy 1 would widen a 0-d float32.
        return np.where(x > 0, x, x.dtype.type(self.alpha) * x)

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        x = self._recall(self._x)
        dout = self._upstream(dout, x)
        return np.where(x > 0, dout, x.dtype.type(self.alpha) * dout)


class PReLU(Layer):
    """y = x for x > 0 and a_c x elsewhere, with a learned slope for each channel c.

    y is x or a_c x, so dx is dy where x > 0 and a_c dy elsewhere. The slope a_c enters all
    y of its channel, with the factor x where x <= 0 and not at all elsewhere:
    da_c = sum of dy x over the places of channel c where x <= 0.

    At the kink x = 0 the slope a_c is taken; da has no kink there, for the term is zero.

    x, y: (N, C, ...), any floating dtype; a: (C,), or one slope for all channels, () or (1,), and
    then x may have any shape. Raises ValueError when C does not fit.

    Source: He, Zhang, Ren, Sun, "Delving Deep into Rectifiers" (2015), sec. 2.1.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N C, a: C -> y: N C",
        "x: N C H W, a: C -> y: N C H W",
        "x: N C L, a: C -> y: N C L",
        "x: N D, a: 1 -> y: N D",
        "x: N D, a: -> y: N D",
        "x: D, a: -> y: D",
    )
    parameters: ClassVar[tuple[str, ...]] = ("a",)
    _x: Array | None = None
    _a: Array | None = None

    def __init__(self, a: ArrayLike) -> None:
        """Share a: (C,), or () or (1,) for one slope."""
        self.a: Array = np.asarray(a)
        self.da: Array
        if self.a.ndim > 1:
            raise ValueError(f"PReLU: a must have shape (C,), (1,) or (), got {self.a.shape}")

    @classmethod
    def random(cls, C: int = 1, *, rng: np.random.Generator | None = None) -> Self:
        """Return a layer of C slopes that start at 0.25, as in He et al.: nothing is drawn."""
        return cls(np.full(C, 0.25))

    def forward(self, x: ArrayLike) -> Array:
        """Return x, or a x where x is not positive."""
        x, a = snapshots(x, self.a)
        self._x, self._a = x, self._along_channels(a, x)
        return np.where(x > 0, x, self._a * x)

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x; store da in the shape of a."""
        x, a = self._recall(self._x), self._recall(self._a)
        dout = self._upstream(dout, x)
        da = np.where(x > 0, np.zeros_like(x), dout * x)
        others = tuple(axis for axis in range(x.ndim) if a.size == 1 or axis != 1)
        self.da = np.sum(da, axis=others).reshape(self.a.shape)
        return np.where(x > 0, dout, a * dout)

    def _along_channels(self, a: Array, x: Array) -> Array:
        """Shape ``a`` so that it broadcasts against x along its axis 1."""
        if a.size == 1:
            return a.reshape(())
        if x.ndim < 2 or x.shape[1] != a.size:
            raise ValueError(
                f"PReLU.forward: x of shape {x.shape} must have C = {a.size} channels along "
                f"axis 1, as a of shape {a.shape} expects"
            )
        return a.reshape(a.size, *[1] * (x.ndim - 2))


class ELU(Layer):
    """y = x for x > 0 and alpha (e^x - 1) elsewhere.

    So dx = dy for x > 0 and alpha e^x dy elsewhere. The left branch tends to -alpha, and near
    zero e^x - 1 is computed without the subtraction that would cancel its digits.

    With alpha = 1 there is no kink; otherwise the slope alpha is taken at x = 0.
    x, y: any one shape, any floating dtype; x may be as large as the dtype holds.

    Source: Clevert, Unterthiner, Hochreiter, "Fast and Accurate Deep Network Learning by
    Exponential Linear Units" (2016), sec. 3.
    """

    forms: ClassVar[tuple[str, ...]] = ELEMENTWISE
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"alpha": (1.0, 0.5, 1.7)}
    _x: Array | None = None

    def __init__(self, alpha: float = 1.0) -> None:
        """Make an exponential rectifier that tends to ``-alpha`` on the left."""
        self.alpha = alpha

    def forward(self, x: ArrayLike) -> Array:
        """Return x, or alpha (e^x - 1) where x is not positive."""
        self._x = x = snapshot(x)
        # The branch that is not taken is computed too, and must not overflow.
        left = np.minimum(x, np.zeros_like(x))
        return np.where(x > 0, x, x.dtype.type(self.alpha) * np.expm1(left))

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        x = self._recall(self._x)
        dout = self._upstream(dout, x)
        left = np.minimum(x, np.zeros_like(x))
        return np.where(x > 0, dout, x.dtype.type(self.alpha) * np.exp(left) * dout)


class SELU(Layer):
    """y = scale x for x > 0 and scale alpha (e^x - 1) elsewhere, with two fixed numbers.

    So dx = scale dy for x > 0 and scale alpha e^x dy elsewhere. The numbers are those for which
    a standard normal x gives y of mean zero and variance one, from layer to layer.

    At the kink x = 0 the slope scale alpha of the left side is taken.
    x, y: any one shape, any floating dtype; x may be as large as the dtype holds.

    Source: Klambauer, Unterthiner, Mayr, Hochreiter, "Self-Normalizing Neural Networks" (2017),
    eq. 2.
    """

    forms: ClassVar[tuple[str, ...]] = ELEMENTWISE
    _x: Array | None = None

    # In longdouble, from text, to have all digits of any dtype.
    ALPHA: ClassVar[np.longdouble] = np.longdouble("1.6732632423543772848170429916717")
    SCALE: ClassVar[np.longdouble] = np.longdouble("1.0507009873554804934193349852946")

    def forward(self, x: ArrayLike) -> Array:
        """Return scale x, or scale alpha (e^x - 1) where x is not positive."""
        self._x = x = snapshot(x)
        alpha, scale = x.dtype.type(self.ALPHA), x.dtype.type(self.SCALE)
        left = np.minimum(x, np.zeros_like(x))
        return np.asarray(scale * np.where(x > 0, x, alpha * np.expm1(left)))

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        x = self._recall(self._x)
        alpha, scale = x.dtype.type(self.ALPHA), x.dtype.type(self.SCALE)
        left = np.minimum(x, np.zeros_like(x))
        slope = scale * np.where(x > 0, np.ones_like(x), alpha * np.exp(left))
        return np.asarray(self._upstream(dout, x) * slope)
