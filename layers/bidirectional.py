"""Two recurrent layers, one for each direction of time."""

import numpy as np
from numpy.typing import ArrayLike

from layers.composite import Composite, Link, first
from layers.layer import Array


class Bidirectional(Composite):
    """y_t = (h_t, g_t): h from a layer that reads x forward in time, g from one that reads it back.

    With R the reversal of time, y = (f(x), R g(R x)) along the last axis. R is its own inverse and
    transpose, so dx = f'(dy_f) + R g'(R dy_g), where dy_f are the first columns of dy and dy_g the
    others, and f' and g' stand for the two backward passes. Both layers start from zero; the last
    cell states of LSTMs are dropped, so their gradients are zero. The inner layers may differ.

    x: (N, T, D), y: (N, T, H + G) for layers of H and G states. Parameters are named
    ``"ahead.Wx"`` and ``"back.Wx"``. Raises ValueError when shapes do not fit.

    Source: Schuster, Paliwal, "Bidirectional recurrent neural networks" (1997); Goodfellow,
    Bengio, Courville, "Deep Learning" (2016), sec. 10.3.
    """

    _y: Array | None = None
    _columns = 0

    def __init__(self, ahead: Link, back: Link) -> None:
        """Run ``ahead`` forward and ``back`` backward in time; they must be two objects."""
        if ahead is back:
            raise ValueError("Bidirectional: the two directions need a layer each, got one twice")
        self.ahead, self.back = ahead, back
        self.parts = {"ahead": ahead, "back": back}

    def forward(self, x: ArrayLike) -> Array:
        """Return the states of both directions, of shape (N, T, H + G)."""
        x = np.asarray(x)
        if x.ndim != 3:
            raise ValueError(f"Bidirectional.forward: x must be (N, T, D), got {x.shape}")
        h, g = first(self.ahead.forward(x)), first(self.back.forward(x[:, ::-1]))[:, ::-1]
        self._y, self._columns = np.concatenate([h, g], axis=-1), h.shape[-1]
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x; the inner layers store the gradients of parameters."""
        dout = self._upstream(dout, self._recall(self._y))
        dh, dg = dout[..., : self._columns], dout[..., self._columns :]
        dx, reversed_dx = self.ahead.backward(dh), self.back.backward(dg[:, ::-1])
        return np.asarray(first(dx) + first(reversed_dx)[:, ::-1])
