"""Layers whose outputs depend on one row at most: activations, powers, softmax and its kin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.layer import Array, Arrays, Generator, Layer, Shapes, matrix, side

_ROOT = float(np.sqrt(2 / np.pi))


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)) without overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def softmax(x: Array) -> Array:
    """exp(x) / sum(exp(x)) over the last axis, shifted by its maximum."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_backward(y: Array, u: Array) -> Array:
    """u through the Jacobian diag(y) - y yT of each row."""
    return y * (u - (u * y).sum(axis=-1, keepdims=True))


def log_sum_exp(x: Array) -> Array:
    """log(sum(exp(x))) over the last axis, kept as an axis of length one."""
    largest = x.max(axis=-1, keepdims=True)
    return largest + np.log(np.exp(x - largest).sum(axis=-1, keepdims=True))


def _gelu(x: Array) -> Array:
    return 0.5 * x * (1 + np.tanh(_ROOT * (x + 0.044715 * x**3)))


def _gelu_slope(x: Array) -> Array:
    t = np.tanh(_ROOT * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * (_ROOT * (1 + 3 * 0.044715 * x**2))


def _sigmoid_slope(x: Array) -> Array:
    y = sigmoid(x)
    return y * (1 - y)


def _pointwise(
    name: str,
    f: Callable[[Array], Array],
    slope: Callable[[Array], Array],
    *,
    smooth: bool = True,
    **rest: Any,
) -> Layer:
    def forward(a: Arrays) -> Array:
        return f(a["x"])

    def backward(a: Arrays, u: Array) -> Arrays:
        return {"x": u * slope(a["x"])}

    return Layer(name, smooth, matrix, forward, backward, **rest)


def _rowwise(name: str, f: Callable[[Array], Array], vjp: Callable[[Array, Array], Array]) -> Layer:
    def forward(a: Arrays) -> Array:
        return f(a["x"])

    def backward(a: Arrays, u: Array) -> Arrays:
        return {"x": vjp(a["x"], u)}

    return Layer(name, True, matrix, forward, backward)


def _divide(a: Arrays) -> Array:
    return a["a"] / a["b"]


def _divide_backward(a: Arrays, u: Array) -> Arrays:
    return {"a": u / a["b"], "b": -u * a["a"] / a["b"] ** 2}


def _pair(rng: Generator, most: int) -> Shapes:
    shape = (side(rng, most), side(rng, most + 2))
    return {"a": shape, "b": shape}


def _unit(x: Array) -> Array:
    return x / np.sqrt((x * x).sum(axis=-1, keepdims=True))


def _unit_backward(x: Array, u: Array) -> Array:
    norm = np.sqrt((x * x).sum(axis=-1, keepdims=True))
    y = x / norm
    return (u - y * (y * u).sum(axis=-1, keepdims=True)) / norm


def _log_softmax_backward(x: Array, u: Array) -> Array:
    return u - softmax(x) * u.sum(axis=-1, keepdims=True)


_ABOVE_ZERO: dict[str, Any] = {"positive": ("x",), "borders": {"x": lambda a: a["x"]}}

LAYERS = (
    _pointwise("sigmoid", sigmoid, _sigmoid_slope),
    _pointwise("tanh", np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    _pointwise("relu", lambda x: np.maximum(x, 0), lambda x: x > 0, smooth=False),
    _pointwise(
        "leaky-relu",
        lambda x: np.where(x > 0, x, 0.01 * x),
        lambda x: np.where(x > 0, 1, 0.01).astype(x.dtype),
        smooth=False,
    ),
    _pointwise("abs", np.abs, np.sign, smooth=False),
    _pointwise("gelu", _gelu, _gelu_slope),
    _pointwise("softplus", lambda x: np.logaddexp(x, 0 * x), sigmoid),
    _pointwise("exp", np.exp, np.exp),
    _pointwise("log", np.log, lambda x: 1 / x, **_ABOVE_ZERO),
    _pointwise("sqrt", np.sqrt, lambda x: 0.5 / np.sqrt(x), **_ABOVE_ZERO),
    _pointwise("log-border-unknown", np.log, lambda x: 1 / x, positive=("x",)),
    _pointwise("sqrt-border-unknown", np.sqrt, lambda x: 0.5 / np.sqrt(x), positive=("x",)),
    Layer("div", True, _pair, _divide, _divide_backward, borders={"b": lambda a: a["b"]}),
    _rowwise("softmax", softmax, lambda x, u: softmax_backward(softmax(x), u)),
    _rowwise("logsumexp", log_sum_exp, lambda x, u: u * softmax(x)),
    _rowwise("log-softmax", lambda x: x - log_sum_exp(x), _log_softmax_backward),
    _rowwise("l2-normalisation", _unit, _unit_backward),
)
