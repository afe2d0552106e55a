"""Normalisation of each sample over its last axes: by mean and variance, or by length alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshots
from layers.standardisation import Axes, average, standardise, standardised_gradient

_EPS: Mapping[str, tuple[Any, ...]] = {"eps": (1e-5, 1e-3, 0.1)}


class LayerNorm(Layer):
    """y = gamma x^ + beta, where x^ = (x - m) / sqrt(v + eps) for each sample on its own.

    m and v are mean and variance over the last axes of x, as many as gamma has: n = D numbers for
    gamma: (D,), the usual case. Each gamma_d meets one number of every sample, so dgamma_d =
    sum dy_d x^_d and dbeta_d = sum dy_d over all samples. With g = dL/dx^ = gamma dy and
    s = 1 / sqrt(v + eps), within each sample

        dx_k = s (g_k - mean(g) - x^_k mean(g x^)),

    as derived in ``layers.standardisation``: straight, through m, through v.

    x: (..., *gamma.shape), gamma, beta: one shape of at least one axis; y: as x. A row of equal
    numbers has x^ = 0 exactly and y = beta. Raises ValueError when shapes do not fit.

    Source: Ba, Kiros, Hinton, "Layer Normalization" (2016), eq. 3 and 4.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N D, gamma: D, beta: D -> y: N D",
        "x: N T D, gamma: D, beta: D -> y: N T D",
        "x: N C H W, gamma: C H W, beta: C H W -> y: N C H W",
        "x: D, gamma: D, beta: D -> y: D",
    )
    parameters: ClassVar[tuple[str, ...]] = ("gamma", "beta")
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = _EPS
    _kept: tuple[Array, Array, Array] | None = None

    def __init__(self, gamma: ArrayLike, beta: ArrayLike, eps: float = 1e-5) -> None:
        """Share gamma and beta, of the shape of what is normalised together."""
        self.gamma: Array = np.asarray(gamma)
        self.beta: Array = np.asarray(beta)
        self.dgamma: Array
        self.dbeta: Array
        self.eps = eps
        if self.gamma.ndim == 0 or self.gamma.shape != self.beta.shape:
            raise ValueError(
                "LayerNorm: gamma and beta must have one shape of at least one axis, "
                f"got {self.gamma.shape} and {self.beta.shape}"
            )

    @classmethod
    def random(cls, *sizes: int, rng: np.random.Generator | None = None, eps: float = 1e-5) -> Self:
        """Take the usual start, gamma one and beta zero; nothing about it is drawn from ``rng``."""
        return cls(np.ones(sizes), np.zeros(sizes), eps)

    def forward(self, x: ArrayLike) -> Array:
        """Return y in the shape of x."""
        x, gamma, beta = snapshots(x, self.gamma, self.beta)
        _, last = _leading_and_last(x, gamma, "LayerNorm")
        x_hat, s = standardise(x, last, self.eps)
        self._kept = x_hat, s, gamma
        return gamma * x_hat + beta

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x; store dgamma and dbeta."""
        x_hat, s, gamma = self._recall(self._kept)
        dout = self._upstream(dout, x_hat)
        samples, last = _leading_and_last(x_hat, gamma, "LayerNorm")
        self.dgamma = np.sum(dout * x_hat, axis=samples)
        self.dbeta = np.sum(dout, axis=samples)
        return standardised_gradient(gamma * dout, x_hat, s, last)


class RMSNorm(Layer):
    """y = gamma x^, where x^ = x / sqrt(mean(x^2) + eps): each sample scaled to length sqrt(n).

    The mean square is over the last axes of x, as many as gamma has; nothing is subtracted and
    there is no beta. Let r = 1 / sqrt(mean(x^2) + eps) and g = dL/dx^ = gamma dy. From
    dr/dx_k = -(r^3 / 2) (2/n) x_k = -(1/n) r^3 x_k follows

        dx_k = r g_k + sum_i g_i x_i dr/dx_k = r (g_k - x^_k mean(g x^)),

    and dgamma_d = sum dy_d x^_d over all samples.

    x: (..., *gamma.shape), gamma: any shape of at least one axis; y: as x. A row of zeros has
    x^ = 0 and dx = g / sqrt(eps). Raises ValueError when shapes do not fit.

    Source: Zhang, Sennrich, "Root Mean Square Layer Normalization" (2019), eq. 4.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N D, gamma: D -> y: N D",
        "x: N T D, gamma: D -> y: N T D",
        "x: N C H W, gamma: C H W -> y: N C H W",
        "x: D, gamma: D -> y: D",
    )
    parameters: ClassVar[tuple[str, ...]] = ("gamma",)
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"eps": (1e-6, 1e-5, 0.1)}
    _kept: tuple[Array, Array, Array] | None = None

    def __init__(self, gamma: ArrayLike, eps: float = 1e-6) -> None:
        """Share gamma, of the shape of what is normalised together."""
        self.gamma: Array = np.asarray(gamma)
        self.dgamma: Array
        self.eps = eps
        if self.gamma.ndim == 0:
            raise ValueError("RMSNorm: gamma must have at least one axis, got ()")

    @classmethod
    def random(cls, *sizes: int, rng: np.random.Generator | None = None, eps: float = 1e-6) -> Self:
        """Take the usual start, gamma one; nothing about it is drawn from ``rng``."""
        return cls(np.ones(sizes), eps)

    def forward(self, x: ArrayLike) -> Array:
        """Return y in the shape of x."""
        x, gamma = snapshots(x, self.gamma)
        _, last = _leading_and_last(x, gamma, "RMSNorm")
        # Squares of float16 would overflow beyond 256.
        wide = x.astype(np.result_type(x, np.float32), copy=False)
        r = 1 / np.sqrt(average(wide * wide, last) + self.eps)
        x_hat = np.asarray(wide * r, x.dtype)
        self._kept = x_hat, r, gamma
        y: Array = gamma * x_hat
        return y

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x; store dgamma."""
        x_hat, r, gamma = self._recall(self._kept)
        dout = self._upstream(dout, x_hat)
        samples, last = _leading_and_last(x_hat, gamma, "RMSNorm")
        self.dgamma = np.sum(dout * x_hat, axis=samples)
        g = (gamma * dout).astype(r.dtype, copy=False)
        return np.asarray(r * (g - x_hat * average(g * x_hat, last)), x_hat.dtype)


def _leading_and_last(x: Array, gamma: Array, name: str) -> tuple[Axes, Axes]:
    """Return the axes of samples and the axes of gamma, as positions in the shape of x."""
    leading = x.ndim - gamma.ndim
    if leading < 0 or x.shape[leading:] != gamma.shape:
        raise ValueError(
            f"{name}.forward: the last axes of x must be those of gamma, {gamma.shape}, "
            f"got x of shape {x.shape}"
        )
    return tuple(range(leading)), tuple(range(leading, x.ndim))
