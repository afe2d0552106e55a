"""Normalisation of each sample by groups of channels, or every channel by itself."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from layers.layer import Array, Layer, snapshot, snapshots
from layers.standardisation import (
    all_but_channels,
    per_channel,
    standardise,
    standardised_gradient,
)


class GroupNorm(Layer):
    """y = gamma x^ + beta, where x^ = (x - m) / sqrt(v + eps) for each sample and group.

    The channels of a sample are parted into ``groups`` of equal size, neighbours together, and m
    and v are mean and variance over all numbers of one group, C H W of them where a group has C
    channels. gamma_c and beta_c belong to a channel: dgamma_c = sum dy_c x^_c and dbeta_c =
    sum dy_c over samples and places. With g = dL/dx^ = gamma dy and s = 1 / sqrt(v + eps), within
    each group

        dx_k = s (g_k - mean(g) - x^_k mean(g x^)),

    as derived in ``layers.standardisation``: straight, through m, through v.

    x: (N, channels, ...); gamma, beta: (channels,); y: as x. A group of equal numbers has x^ = 0
    exactly and y = beta. Raises ValueError when shapes do not fit or groups do not divide the
    channels.

    Source: Wu, He, "Group Normalization" (2018), eq. 1, 2, 6 and 7.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N groups*C H W, gamma: groups*C, beta: groups*C -> y: N groups*C H W",
        "x: N groups*C L, gamma: groups*C, beta: groups*C -> y: N groups*C L",
        "x: N groups*C, gamma: groups*C, beta: groups*C -> y: N groups*C",
    )
    parameters: ClassVar[tuple[str, ...]] = ("gamma", "beta")
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "groups": (2, 1, 3),
        "eps": (1e-5, 1e-3, 0.1),
    }
    _kept: tuple[Array, Array, Array] | None = None

    def __init__(
        self, gamma: ArrayLike, beta: ArrayLike, groups: int = 2, eps: float = 1e-5
    ) -> None:
        """Share gamma: (channels,) and beta: (channels,); ``groups`` divides the channels."""
        self.gamma: Array = np.asarray(gamma)
        self.beta: Array = np.asarray(beta)
        self.dgamma: Array
        self.dbeta: Array
        self.groups, self.eps = groups, eps
        _check_parameters(self.gamma, self.beta, "GroupNorm")
        if groups < 1 or len(self.gamma) % groups:
            raise ValueError(
                f"GroupNorm: groups = {groups} must divide the {len(self.gamma)} channels of gamma"
            )

    @classmethod
    def random(
        cls, channels: int, *, rng: np.random.Generator | None = None, **options: Any
    ) -> Self:
        """Take the usual start, gamma one and beta zero; nothing about it is drawn from ``rng``."""
        return cls(np.ones(channels), np.zeros(channels), **options)

    def forward(self, x: ArrayLike) -> Array:
        """Return y in the shape of x."""
        x, gamma, beta = snapshots(x, self.gamma, self.beta)
        _check_channels(x, gamma, "GroupNorm")
        x_hat, s = standardise(self._rows(x), (2,), self.eps)
        x_hat = x_hat.reshape(x.shape)
        self._kept = x_hat, s, gamma
        return per_channel(gamma, x) * x_hat + per_channel(beta, x)

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x; store dgamma and dbeta, (channels,) both."""
        x_hat, s, gamma = self._recall(self._kept)
        dout, others = self._upstream(dout, x_hat), all_but_channels(x_hat)
        self.dgamma = np.sum(dout * x_hat, axis=others)
        self.dbeta = np.sum(dout, axis=others)
        g = per_channel(gamma, x_hat) * dout
        dx = standardised_gradient(self._rows(g), self._rows(x_hat), s, (2,))
        return dx.reshape(x_hat.shape)

    def _rows(self, x: Array) -> Array:
        """View x with all numbers of one group along the last of three axes."""
        return x.reshape(len(x), self.groups, prod(x.shape[1:]) // self.groups)


class InstanceNorm(Layer):
    """y = gamma x^ + beta, where x^ = (x - m) / sqrt(v + eps) for each sample and channel.

    m and v are mean and variance over the places of one channel, n = H W of them in an image;
    each channel is a group of its own. Without gamma and beta y = x^. There are no running
    statistics: training and evaluation are the same. dgamma_c = sum dy_c x^_c and dbeta_c =
    sum dy_c over samples and places. With g = dL/dx^ = gamma dy (or dy) and s = 1 / sqrt(v + eps),
    within each channel

        dx_k = s (g_k - mean(g) - x^_k mean(g x^)),

    as derived in ``layers.standardisation``: straight, through m, through v.

    x: (N, C, ...) with at least three axes; gamma, beta: (C,), both or neither; y: as x. A channel
    of equal numbers, one place for instance (which PyTorch refuses), has x^ = 0 exactly and
    y = beta. Raises ValueError when shapes do not fit.

    Source: Ulyanov, Vedaldi, Lempitsky, "Instance Normalization" (2016), eq. 3.
    """

    forms: ClassVar[tuple[str, ...]] = (
        "x: N C H W, gamma: C, beta: C -> y: N C H W",
        "x: N C H W -> y: N C H W",
        "x: N C L, gamma: C, beta: C -> y: N C L",
        "x: N C L -> y: N C L",
    )
    parameters: ClassVar[tuple[str, ...]] = ("gamma", "beta")
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {"eps": (1e-5, 1e-3, 0.1)}
    _x_hat: Array | None = None
    _s: Array | None = None
    _scaling: Array | None = None

    def __init__(
        self, gamma: ArrayLike | None = None, beta: ArrayLike | None = None, eps: float = 1e-5
    ) -> None:
        """Share gamma: (C,) and beta: (C,), or take neither."""
        if (gamma is None) != (beta is None):
            raise ValueError("InstanceNorm: gamma and beta must be given both, or neither")
        self.gamma: Array | None = None if gamma is None else np.asarray(gamma)
        self.beta: Array | None = None if beta is None else np.asarray(beta)
        self.dgamma: Array
        self.dbeta: Array
        self.eps = eps
        if self.gamma is not None and self.beta is not None:
            _check_parameters(self.gamma, self.beta, "InstanceNorm")

    @classmethod
    def random(cls, C: int, *, rng: np.random.Generator | None = None, eps: float = 1e-5) -> Self:
        """Take the usual start, gamma one and beta zero; nothing about it is drawn from ``rng``."""
        return cls(np.ones(C), np.zeros(C), eps)

    def forward(self, x: ArrayLike) -> Array:
        """Return y in the shape of x."""
        gamma = beta = None
        if self.gamma is None or self.beta is None:
            x = snapshot(x)
        else:
            x, gamma, beta = snapshots(x, self.gamma, self.beta)
        _check_places(x, gamma)
        self._x_hat, self._s = standardise(x, tuple(range(2, x.ndim)), self.eps)
        self._scaling = gamma
        if gamma is None or beta is None:
            return self._x_hat.copy()
        return per_channel(gamma, x) * self._x_hat + per_channel(beta, x)

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x; store dgamma and dbeta, (C,) both, where these are given."""
        x_hat, s = self._recall(self._x_hat), self._recall(self._s)
        g = dout = self._upstream(dout, x_hat)
        if self._scaling is not None:
            self.dgamma = np.sum(dout * x_hat, axis=all_but_channels(x_hat))
            self.dbeta = np.sum(dout, axis=all_but_channels(x_hat))
            g = per_channel(self._scaling, x_hat) * dout
        return standardised_gradient(g, x_hat, s, tuple(range(2, x_hat.ndim)))


def _check_parameters(gamma: Array, beta: Array, name: str) -> None:
    if gamma.ndim != 1 or gamma.shape != beta.shape:
        raise ValueError(
            f"{name}: gamma and beta must have one shape, (channels,), "
            f"got {gamma.shape} and {beta.shape}"
        )


def _check_channels(x: Array, gamma: Array, name: str) -> None:
    if x.ndim < 2 or x.shape[1:2] != gamma.shape:
        raise ValueError(
            f"{name}.forward: x must have shape (N, channels, ...) with {len(gamma)} channels, "
            f"as gamma of shape {gamma.shape} expects, got {x.shape}"
        )


def _check_places(x: Array, gamma: Array | None) -> None:
    if x.ndim < 3:
        raise ValueError(
            f"InstanceNorm.forward: x must have shape (N, C, ...) with at least three axes, "
            f"got {x.shape}"
        )
    if gamma is not None:
        _check_channels(x, gamma, "InstanceNorm")
