"""Layers with one output: mean losses, and a two-layer net under one of them."""

from __future__ import annotations

import numpy as np

from benchmarks.layer import Array, Arrays, Generator, Layer, Shapes, matrix, side
from benchmarks.pointwise import log_sum_exp, softmax


def _pair(rng: Generator, most: int) -> Shapes:
    shape = (side(rng, most), side(rng, most + 2))
    return {"x": shape, "t": shape}


def _mse(a: Arrays) -> Array:
    return ((a["x"] - a["t"]) ** 2).mean()


def _mse_backward(a: Arrays, u: Array) -> Arrays:
    g = u * 2 * (a["x"] - a["t"]) / a["x"].size
    return {"x": g, "t": -g}


def _huber(a: Arrays) -> Array:
    distance = np.abs(a["x"] - a["t"])
    return np.where(distance <= 1, 0.5 * distance**2, distance - 0.5).mean()


def _huber_backward(a: Arrays, u: Array) -> Arrays:
    g = u * np.clip(a["x"] - a["t"], -1, 1) / a["x"].size
    return {"x": g, "t": -g}


def _classes(rng: Generator, shapes: Shapes) -> Arrays:
    n, c = shapes["x"]
    return {"labels": rng.integers(0, c, n)}


def cross_entropy(x: Array, labels: Array) -> Array:
    """Mean negative log-likelihood of the labels under softmax(x)."""
    right = x[np.arange(len(x)), labels]
    return (log_sum_exp(x)[:, 0] - right).mean()


def cross_entropy_backward(x: Array, labels: Array, u: Array) -> Array:
    """(softmax(x) - one hot) / N."""
    g = softmax(x)
    g[np.arange(len(x)), labels] -= 1
    return u * g / len(x)


def _entropy(a: Arrays) -> Array:
    return cross_entropy(a["x"], a["labels"])


def _entropy_backward(a: Arrays, u: Array) -> Arrays:
    return {"x": cross_entropy_backward(a["x"], a["labels"], u)}


def _margins(a: Arrays) -> Array:
    x, rows = a["x"], np.arange(len(a["x"]))
    margins = np.maximum(x - x[rows, a["labels"]][:, np.newaxis] + 1, 0)
    margins[rows, a["labels"]] = 0
    return margins


def _hinge(a: Arrays) -> Array:
    return _margins(a).sum() / len(a["x"])


def _hinge_backward(a: Arrays, u: Array) -> Arrays:
    violated = (_margins(a) > 0).astype(a["x"].dtype)
    violated[np.arange(len(violated)), a["labels"]] -= violated.sum(axis=1)
    return {"x": u * violated / len(violated)}


def _net(a: Arrays) -> Array:
    hidden = np.maximum(a["x"] @ a["W1"] + a["b1"], 0)
    return cross_entropy(hidden @ a["W2"] + a["b2"], a["labels"])


def _net_backward(a: Arrays, u: Array) -> Arrays:
    before = a["x"] @ a["W1"] + a["b1"]
    hidden = np.maximum(before, 0)
    g2 = cross_entropy_backward(hidden @ a["W2"] + a["b2"], a["labels"], u)
    g1 = (g2 @ a["W2"].T) * (before > 0)
    return {
        "x": g1 @ a["W1"].T,
        "W1": a["x"].T @ g1,
        "b1": g1.sum(axis=0),
        "W2": hidden.T @ g2,
        "b2": g2.sum(axis=0),
    }


def _net_shapes(rng: Generator, most: int) -> Shapes:
    n, d, h, c = (side(rng, most - 1, 2) for _ in range(4))
    return {"x": (n, d), "W1": (d, h), "b1": (h,), "W2": (h, c), "b2": (c,)}


def _net_classes(rng: Generator, shapes: Shapes) -> Arrays:
    return {"labels": rng.integers(0, shapes["b2"][0], shapes["x"][0])}


LAYERS = (
    Layer("mse", True, _pair, _mse, _mse_backward),
    Layer("huber", False, _pair, _huber, _huber_backward),
    Layer("cross-entropy", True, matrix, _entropy, _entropy_backward, labels=_classes),
    Layer("hinge", False, matrix, _hinge, _hinge_backward, labels=_classes),
    Layer("relu-net", False, _net_shapes, _net, _net_backward, labels=_net_classes),
)
