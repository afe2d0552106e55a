"""Dropout: in training, parts of x are left out at random, so that no unit relies on another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from layers.activations import ELEMENTWISE
from layers.layer import Array, Layer, snapshot


class _Masked(Layer):
    """y = x / (1 - p) where a random mask keeps x, and zero elsewhere."""

    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "p": (0.5, 0.2, 0.0, 1.0),
        "training": (True, False),
        "rng": (0, 1),
    }
    _keep: Array | None = None
    _y: Array | None = None
    _kept_share: float = 1.0

    def __init__(
        self, p: float = 0.5, training: bool = True, rng: int | np.random.Generator = 0
    ) -> None:
        """Drop with the probability ``p`` while ``training``, by masks drawn from ``rng``."""
        if not 0 <= p <= 1:
            raise ValueError(f"{type(self).__name__}: p must lie in [0, 1], got {p}")
        self.p, self.training = p, training
        self.rng = np.random.default_rng(rng)

    def forward(self, x: ArrayLike) -> Array:
        """Return x with a new mask, or x as it is when not in training."""
        x = snapshot(x)
        shape = self._mask_shape(x)
        if self.training:
            # Drawn in [0, 1), so p = 0 keeps all and p = 1 nothing.
            keep, self._kept_share = self.rng.random(shape) >= self.p, 1 - self.p
        else:
            keep, self._kept_share = np.ones(shape, dtype=bool), 1.0
        self._keep = np.broadcast_to(keep, x.shape)
        self._y = self._through_mask(x)
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x, by the mask of the last forward."""
        return self._through_mask(self._upstream(dout, self._recall(self._y)))

    def _through_mask(self, values: Array) -> Array:
        # Divided where kept and nowhere else: with p = 1 that is nowhere, and 0 / 0 not asked.
        keep, zero = self._recall(self._keep), np.zeros_like(values)
        share = values.dtype.type(self._kept_share)
        return np.asarray(np.divide(values, share, where=keep, out=zero))

    def _mask_shape(self, x: Array) -> tuple[int, ...]:
        return x.shape


class Dropout(_Masked):
    """y_i = x_i m_i / (1 - p), where m_i is zero with the probability p and one otherwise.

    The mask does not depend on x, so dx_i = dy_i m_i / (1 - p) with the same mask. The division
    keeps the expected value, E y = x, so nothing is to be done later on: with
    ``training=False`` y = x and dx = dy ("inverted" dropout). With p = 1 both are zero.

    Each forward in training draws a new mask from ``rng``, a seed or a generator, which is kept
    for its backward. A layer made anew with the same seed draws the same masks again; so layers
    of one network should be given different seeds, or share one generator.

    x, y: any one shape, any floating dtype. Raises ValueError unless 0 <= p <= 1.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, "Dropout: A Simple Way to
    Prevent Neural Networks from Overfitting" (2014), sec. 4 and 10.
    """

    forms: ClassVar[tuple[str, ...]] = ELEMENTWISE


class Dropout2d(_Masked):
    """y_nchw = x_nchw m_nc / (1 - p): as Dropout, but whole channels are left out or kept.

    Neighbouring pixels are much alike, so leaving out single ones would hide little.
    dx_nchw = dy_nchw m_nc / (1 - p). Options, masks and p = 1 as in Dropout.

    x, y: (N, C, H, W), any floating dtype. Raises ValueError for other shapes, and unless
    0 <= p <= 1.

    Source: Tompson, Goroshin, Jain, LeCun, Bregler, "Efficient Object Localization Using
    Convolutional Networks" (2015), sec. 3.2.
    """

    forms: ClassVar[tuple[str, ...]] = ("x: N C H W -> y: N C H W",)

    def _mask_shape(self, x: Array) -> tuple[int, ...]:
        if x.ndim != 4:
            raise ValueError(f"Dropout2d.forward: x must have shape (N, C, H, W), got {x.shape}")
        return (*x.shape[:2], 1, 1)
