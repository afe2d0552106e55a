"""Layers with parameters, statistics or windows: affine, normalisations, convolution, pooling."""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks.layer import Array, Arrays, Generator, Layer, Shapes, side

_EPSILON = 1e-5


def _affine(a: Arrays) -> Array:
    return a["x"] @ a["W"] + a["b"]


def _affine_backward(a: Arrays, u: Array) -> Arrays:
    return {"x": u @ a["W"].T, "W": a["x"].T @ u, "b": u.sum(axis=0)}


def _affine_shapes(rng: Generator, most: int) -> Shapes:
    n, d, h = (side(rng, most) for _ in range(3))
    return {"x": (n, d), "W": (d, h), "b": (h,)}


def _standardise(x: Array, axis: int) -> tuple[Array, Array]:
    centred = x - x.mean(axis=axis, keepdims=True)
    inverse = 1 / np.sqrt((centred**2).mean(axis=axis, keepdims=True) + _EPSILON)
    return centred * inverse, inverse


def _normalise(a: Arrays, axis: int) -> Array:
    return a["gamma"] * _standardise(a["x"], axis)[0] + a["beta"]


def _normalise_backward(a: Arrays, u: Array, axis: int) -> Arrays:
    y, inverse = _standardise(a["x"], axis)
    g = u * a["gamma"]
    mean = partial(np.mean, axis=axis, keepdims=True)
    return {
        "x": inverse * (g - mean(g) - y * mean(g * y)),
        "gamma": (u * y).sum(axis=0),
        "beta": u.sum(axis=0),
    }


def _normalise_shapes(rng: Generator, most: int, axis: int) -> Shapes:
    n, d = side(rng, most, 2 - axis), side(rng, most, 1 + axis)
    return {"x": (n, d), "gamma": (d,), "beta": (d,)}


def _normalisation(name: str, axis: int, offset: float = 0.0) -> Layer:
    return Layer(
        name,
        True,
        partial(_normalise_shapes, axis=axis),
        partial(_normalise, axis=axis),
        partial(_normalise_backward, axis=axis),
        offsets={"x": offset},
        statistics=axis,
    )


def _columns(x: Array, k: int) -> Array:
    n, c, height, width = x.shape
    oh, ow = height - k + 1, width - k + 1
    columns = np.empty((n, c, k, k, oh, ow), x.dtype)
    for i in range(k):
        for j in range(k):
            columns[:, :, i, j] = x[:, :, i : i + oh, j : j + ow]
    return columns.transpose(0, 4, 5, 1, 2, 3).reshape(n * oh * ow, c * k * k)


def _convolve(a: Arrays) -> Array:
    x, W = a["x"], a["W"]
    f, _, k, _ = W.shape
    oh, ow = x.shape[2] - k + 1, x.shape[3] - k + 1
    y = _columns(x, k) @ W.reshape(f, -1).T + a["b"]
    return y.reshape(x.shape[0], oh, ow, f).transpose(0, 3, 1, 2)


def _convolve_backward(a: Arrays, u: Array) -> Arrays:
    x, W = a["x"], a["W"]
    f, c, k, _ = W.shape
    n, _, oh, ow = u.shape
    rows = u.transpose(0, 2, 3, 1).reshape(-1, f)
    columns = (rows @ W.reshape(f, -1)).reshape(n, oh, ow, c, k, k).transpose(0, 3, 4, 5, 1, 2)
    gx = np.zeros_like(x)
    for i in range(k):
        for j in range(k):
            gx[:, :, i : i + oh, j : j + ow] += columns[:, :, i, j]
    gW = (rows.T @ _columns(x, k)).reshape(W.shape)
    return {"x": gx, "W": gW, "b": rows.sum(axis=0)}


def _convolve_shapes(rng: Generator, most: int) -> Shapes:
    n, c, f, k = side(rng, 2), side(rng, 2), side(rng, 3), side(rng, 3)
    height, width = side(rng, max(most - 1, 5), 3), side(rng, max(most - 1, 5), 3)
    return {"x": (n, c, height, width), "W": (f, c, k, k), "b": (f,)}


def _windows(x: Array) -> Array:
    n, c, height, width = x.shape
    split = x.reshape(n, c, height // 2, 2, width // 2, 2)
    return split.transpose(0, 1, 2, 4, 3, 5).reshape(n, c, height // 2, width // 2, 4)


def _unwindowed(windows: Array) -> Array:
    n, c, oh, ow, _ = windows.shape
    split = windows.reshape(n, c, oh, ow, 2, 2).transpose(0, 1, 2, 4, 3, 5)
    return split.reshape(n, c, 2 * oh, 2 * ow)


def _max_pool(a: Arrays) -> Array:
    return _windows(a["x"]).max(axis=-1)


def _max_pool_backward(a: Arrays, u: Array) -> Arrays:
    windows = _windows(a["x"])
    first = windows.argmax(axis=-1)[..., np.newaxis]
    return {"x": _unwindowed((np.arange(4) == first) * u[..., np.newaxis])}


def _average_pool(a: Arrays) -> Array:
    return _windows(a["x"]).mean(axis=-1)


def _average_pool_backward(a: Arrays, u: Array) -> Arrays:
    return {"x": _unwindowed(np.repeat(u[..., np.newaxis] / 4, 4, axis=-1))}


def _pool_shapes(rng: Generator, most: int) -> Shapes:
    half = max(most // 3, 2)
    return {"x": (side(rng, 2), side(rng, 2), 2 * side(rng, half), 2 * side(rng, half))}


def _embed(a: Arrays) -> Array:
    return a["table"][a["ids"]]


def _embed_backward(a: Arrays, u: Array) -> Arrays:
    g = np.zeros_like(a["table"])
    np.add.at(g, a["ids"], u)
    return {"table": g}


def _embed_shapes(rng: Generator, most: int) -> Shapes:
    return {"table": (side(rng, most, 2), side(rng, most))}


def _ids(rng: Generator, shapes: Shapes) -> Arrays:
    ids = rng.integers(0, shapes["table"][0], (2, 4))
    ids[:, 0] = ids[0, 1]  # at least one is repeated
    return {"ids": ids}


LAYERS = (
    Layer("affine", True, _affine_shapes, _affine, _affine_backward),
    _normalisation("batchnorm", 0),
    _normalisation("batchnorm-offset-1000", 0, 1000.0),
    _normalisation("layernorm", 1),
    Layer("conv2d", True, _convolve_shapes, _convolve, _convolve_backward),
    Layer("max-pool", False, _pool_shapes, _max_pool, _max_pool_backward),
    Layer("average-pool", True, _pool_shapes, _average_pool, _average_pool_backward),
    Layer("embedding", True, _embed_shapes, _embed, _embed_backward, labels=_ids),
)
