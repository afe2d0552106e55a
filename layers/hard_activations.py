"""Hard activations: straight lines, cut off below and above, that stand in for curves.

At both kinks the slope zero of the flat side is taken.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from layers.activations import ELEMENTWISE
from layers.layer import Array, Layer, snapshot


class HardTanh(Layer):
    """y = min(max(x, low), high), so dx = dy where low < x < high and zero elsewhere.

    At the kinks x = low and x = high the slope zero is taken, of all those in [0, 1].
    x, y: any one shape, any floating dtype. Raises ValueError unless low < high.

    Source: Collobert, Weston, Bottou, Karlen, Kavukcuoglu, Kuksa, "Natural Language Processing
    (Almost) from Scratch" (2011), sec. 3.3.1.
    """

    forms: ClassVar[tuple[str, ...]] = ELEMENTWISE
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "low": (-1.0, -0.5),
        "high": (1.0, 2.0, 0.25),
    }
    _x: Array | None = None

    def __init__(self, low: float = -1.0, high: float = 1.0) -> None:
        """Make an activation that keeps what lies between ``low`` and ``high``."""
        if not low < high:
            raise ValueError(f"HardTanh: low must be below high, got {low} and {high}")
        self.low, self.high = low, high

    def forward(self, x: ArrayLike) -> Array:
        """Return x, cut off at low and high."""
        self._x = x = snapshot(x)
        # Bounds in the dtype of x, or NumPy 1 would widen a 0-d float32.
        low, high = x.dtype.type(self.low), x.dtype.type(self.high)
        return np.asarray(np.minimum(np.maximum(x, low), high))

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        x = self._recall(self._x)
        low, high = x.dtype.type(self.low), x.dtype.type(self.high)
        # Selected, not multiplied by a mask: zero times an infinite gradient would be nan.
        return np.where((low < x) & (x < high), self._upstream(dout, x), np.zeros_like(x))


class HardSigmoid(Layer):
    """y = min(max(slope x + 1/2, 0), 1): the sigmoid's straight stand-in.

    So dx = slope dy where 0 < slope x + 1/2 < 1, that is |x| < 1 / (2 slope), and zero elsewhere.
    At the kinks, |x| = 1 / (2 slope), the slope zero is taken, of all those in [0, slope].

    The usual slopes: 1/6 (MobileNetV3, and the default), 0.2 (Theano, older Keras) and 1/2
    (binarized networks). x, y: any one shape, any floating dtype. Raises ValueError unless the
    slope is positive.

    Source: Courbariaux et al., "Binarized Neural Networks" (2016), eq. 3; Howard et al.,
    "Searching for MobileNetV3" (2019), sec. 5.2.
    """

    forms: ClassVar[tuple[str, ...]] = ELEMENTWISE
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"slope": (1 / 6, 0.2, 0.5)}
    _x: Array | None = None

    def __init__(self, slope: float = 1 / 6) -> None:
        """Make a line of this slope through (0, 1/2), cut off at zero and one."""
        if not slope > 0:
            raise ValueError(f"HardSigmoid: slope must be positive, got {slope}")
        self.slope = slope

    def forward(self, x: ArrayLike) -> Array:
        """Return slope x + 1/2, cut off at zero and one."""
        self._x = x = snapshot(x)
        half, zero, one = (x.dtype.type(value) for value in (0.5, 0, 1))
        line = x.dtype.type(self.slope) * x + half
        return np.asarray(np.minimum(np.maximum(line, zero), one))

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x."""
        x = self._recall(self._x)
        slope, half = x.dtype.type(self.slope), x.dtype.type(0.5)
        sloped = slope * self._upstream(dout, x)
        return np.where(np.abs(x) < half / slope, sloped, np.zeros_like(x))
