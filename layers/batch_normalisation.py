"""Batch normalisation, over the batch in training and by running statistics in evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshot, snapshots
from layers.standardisation import (
    all_but_channels,
    moments,
    per_channel,
    standardised_gradient,
)


class BatchNorm(Layer):
    """y = gamma x^ + beta, where x^ = (x - m) / sqrt(v + eps) for each channel on its own.

    In training m and v are mean and variance (divided by n) of the n numbers that the batch has in
    that channel: n = N for x: (N, D), n = N H W for images. gamma and beta enter every one of
    them: dgamma_c = sum_i dy_ci x^_ci and dbeta_c = sum_i dy_ci. The rest is g = dL/dx^ = gamma dy
    and, with s = 1 / sqrt(v + eps),

        dx_k = s (g_k - mean(g) - x^_k mean(g x^)):

    x_k reaches L straight (s g_k), through the mean (-s mean(g)), and through the variance: dv/dx_k
    = (2/n) (x_k - m) and dx^_i/dv = -x^_i s^2 / 2 make -s x^_k mean(g x^). The module
    ``layers.standardisation`` goes through it line by line. Each of the means adds over the batch,
    so samples are not independent here: dx_k depends on all of dy.

    In evaluation m and v are ``running_mean`` and ``running_var``, constants, so that y is a fixed
    affine map: dx = gamma s dy. gamma and beta have the gradients as above.

    Every forward in training moves the running statistics towards those of its batch, as PyTorch
    does: running = (1 - momentum) running + momentum new, where the new variance is the unbiased
    one, v n / (n - 1), though v itself normalises. (Other books keep ``momentum`` of the old.) Of
    one number there is no such variance and of none no mean: these then stay.

    x: (N, C) or (N, C, ...); gamma, beta, running_mean, running_var: (C,); y: as x. The running
    arrays are copied, zeros and ones by default, and replaced at each update; ``training`` may be
    switched between passes. A channel of equal numbers, a batch of one for instance (which
    PyTorch refuses), has x^ = 0 exactly, y = beta, and dx = (g - mean(g)) / sqrt(eps): zero for a
    single number. With eps = 0 it is nan, with NumPy's warning. Raises ValueError when shapes do
    not fit.

    Source: Ioffe, Szegedy, "Batch Normalization" (2015), alg. 1 and 2 and sec. 3.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N D, gamma: D, beta: D -> y: N D when training=True",
        "x: N C H W, gamma: C, beta: C -> y: N C H W when training=True",
        "x: N C L, gamma: C, beta: C -> y: N C L when training=True",
        "x: N D, gamma: D, beta: D, running_mean: D [fixed], running_var: D [fixed positive]"
        " -> y: N D when training=False",
        "x: N C H W, gamma: C, beta: C, running_mean: C [fixed], running_var: C [fixed positive]"
        " -> y: N C H W when training=False",
        "x: N C L, gamma: C, beta: C, running_mean: C [fixed], running_var: C [fixed positive]"
        " -> y: N C L when training=False",
    )
    parameters: ClassVar[tuple[str, ...]] = ("gamma", "beta", "running_mean", "running_var")
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "eps": (1e-5, 1e-3, 0.1),
        "momentum": (0.1, 0.5, 1.0),
        "training": (True, False),
    }
    _x_hat: Array | None = None
    _gamma: Array | None = None
    _s: Array | None = None
    _of_batch: bool = True

    def __init__(
        self,
        gamma: ArrayLike,
        beta: ArrayLike,
        running_mean: ArrayLike | None = None,
        running_var: ArrayLike | None = None,
        eps: float = 1e-5,
        momentum: float = 0.1,
        training: bool = True,
    ) -> None:
        """Share gamma and beta, copy the running statistics; all of them (C,)."""
        self.gamma: Array = np.asarray(gamma)
        self.beta: Array = np.asarray(beta)
        start = snapshot(self.gamma)
        self.running_mean = np.zeros_like(start) if running_mean is None else snapshot(running_mean)
        self.running_var = np.ones_like(start) if running_var is None else snapshot(running_var)
        self.dgamma: Array
        self.dbeta: Array
        self.eps, self.momentum, self.training = eps, momentum, training
        shapes = [np.shape(getattr(self, name)) for name in self.parameters]
        if self.gamma.ndim != 1 or len(set(shapes)) != 1:
            raise ValueError(
                "BatchNorm: gamma, beta, running_mean, running_var must all be (C,), "
                f"got {', '.join(map(str, shapes))}"
            )

    @classmethod
    def random(cls, C: int, *, rng: np.random.Generator | None = None, **options: Any) -> Self:
        """Take the usual start, gamma one and beta zero; nothing about it is drawn from ``rng``."""
        return cls(np.ones(C), np.zeros(C), **options)

    def forward(self, x: ArrayLike) -> Array:
        """Return y in the shape of x; in training, update the running statistics."""
        if self.training:
            x, gamma, beta = snapshots(x, self.gamma, self.beta)
            self._check(x)
            mean, centred, variance = moments(x, all_but_channels(x))
            self._track(mean, variance, x.size // max(mean.size, 1))
        else:
            running = self.running_mean, self.running_var
            x, gamma, beta, mean, variance = snapshots(x, self.gamma, self.beta, *running)
            self._check(x)
            centred, variance = x - per_channel(mean, x), per_channel(variance, x)
        s = 1 / np.sqrt(variance + self.eps)
        x_hat = np.asarray(centred * s, x.dtype)
        self._x_hat, self._gamma, self._s, self._of_batch = x_hat, gamma, s, self.training
        y: Array = per_channel(gamma, x) * x_hat + per_channel(beta, x)
        return y

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x; store dgamma and dbeta, (C,) both."""
        x_hat, gamma, s = map(self._recall, (self._x_hat, self._gamma, self._s))
        dout, batch = self._upstream(dout, x_hat), all_but_channels(x_hat)
        self.dgamma = np.sum(dout * x_hat, axis=batch)
        self.dbeta = np.sum(dout, axis=batch)
        g = per_channel(gamma, x_hat) * dout
        # By the mode of the forward that is differentiated, whatever ``training`` is by now.
        return standardised_gradient(g, x_hat, s, batch) if self._of_batch else g * s

    def _track(self, mean: Array, variance: Array, n: int) -> None:
        if n > 0:
            self.running_mean = self._moved(self.running_mean, mean)
        if n > 1:
            self.running_var = self._moved(self.running_var, variance * (n / (n - 1)))

    def _moved(self, running: Array, new: Array) -> Array:
        # The real part only: the imaginary one of a complex step is no statistic.
        moved = (1 - self.momentum) * running + self.momentum * new.real.reshape(running.shape)
        return np.asarray(moved, running.dtype)

    def _check(self, x: Array) -> None:
        if x.ndim < 2 or x.shape[1:2] != self.gamma.shape:
            raise ValueError(
                f"BatchNorm.forward: x must have shape (N, C, ...) with C = {len(self.gamma)}, "
                f"as gamma of shape {self.gamma.shape} expects, got {x.shape}"
            )
