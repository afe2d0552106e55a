"""Functions whose gradients are right, to be held against differences.

Each maker takes a generator and the point x and returns (f, pullback).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from gradcheck.numerics import Comparison, compare

Pair = tuple[Callable[[Any], Any], Callable[[Any, Any], Any]]
Maker = Callable[[np.random.Generator, Any], Pair]

SCALES = st.sampled_from([1e-6, 1e-3, 1.0, 1e3, 1e6])
SEEDS = st.integers(0, 2**32 - 1)

steady = settings(deadline=None, derandomize=True, max_examples=60)


def plain(f: Any, slope: Any) -> Maker:
    """Return the maker of an elementwise function."""
    return lambda rng, x: (f, lambda x, u: u * slope(x))


def affine(rng: np.random.Generator, x: Any) -> Pair:
    W, b = (rng.standard_normal(shape).astype(x.dtype) for shape in ((x.shape[-1], 3), (3,)))
    return lambda x: x @ W + b, lambda x, u: u @ W.T


def matmul(rng: np.random.Generator, x: Any) -> Pair:
    A = rng.standard_normal((4, x.shape[0])).astype(x.dtype)
    return lambda x: A @ x, lambda x, u: A.T @ u


def probabilities(x: Any) -> Any:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def softmax_pullback(x: Any, u: Any) -> Any:
    p = probabilities(x)
    return p * (u - (u * p).sum(-1, keepdims=True))


def max_pullback(x: Any, u: Any) -> Any:
    g = np.zeros_like(x)
    np.put_along_axis(g, x.argmax(-1)[..., None], u[..., None], -1)
    return g


def mse(rng: np.random.Generator, x: Any) -> Pair:
    t = (rng.standard_normal(x.shape) * np.abs(x).mean()).astype(x.dtype)
    return lambda x: np.square(x - t).mean(), lambda x, u: u * 2 * (x - t) / x.dtype.type(x.size)


def relu_net(rng: np.random.Generator, x: Any) -> Pair:
    W, V = (rng.standard_normal(shape).astype(x.dtype) for shape in ((x.shape[-1], 4), (4, 2)))

    def pullback(x: Any, u: Any) -> Any:
        h = np.maximum(x @ W, 0)
        return (2 * u * (h @ V) @ V.T * (h > 0)) @ W.T

    return lambda x: np.square(np.maximum(x @ W, 0) @ V).sum(), pullback


SMOOTH: dict[str, Maker] = {
    "affine": affine,
    "matmul": matmul,
    "square": plain(np.square, lambda x: 2 * x),
    "tanh": plain(np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "exp": plain(np.exp, np.exp),
    "softmax": lambda rng, x: (probabilities, softmax_pullback),
    "mse": mse,
    "tiny": plain(lambda x: np.tanh(x) * x.dtype.type(1e-8), lambda x: 1e-8 / np.cosh(x) ** 2),
}
KINKED: dict[str, Maker] = {
    "relu": plain(lambda x: np.maximum(x, 0), lambda x: x > 0),
    "abs": plain(np.abs, np.sign),
    "max": lambda rng, x: (lambda x: x.max(-1), max_pullback),
    "relu net": relu_net,
}
POSITIVE: dict[str, Maker] = {
    "log": plain(np.log, lambda x: 1 / x),
    "sqrt": plain(np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "reciprocal": plain(lambda x: 1 / x, lambda x: -1 / x**2),
}
ALL = SMOOTH | KINKED | POSITIVE


def points(seed: int, shape: Any, positive: bool = False) -> tuple[np.random.Generator, Any]:
    """Return a generator and a random point of typical size one."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape)
    return rng, np.exp(x) if positive else x


def cotangent(rng: np.random.Generator, y: Any) -> Any:
    """Return weights of both signs, none of them small, like ``y``."""
    y = np.asarray(y)
    signs = rng.choice([-1.0, 1.0], y.shape)
    return np.asarray(signs * rng.uniform(0.5, 1, y.shape), dtype=y.dtype)


def ask(pair: Pair, x: Any, rng: np.random.Generator, border: Any = None) -> Comparison:
    """Compare ``pair`` at ``x``; overflow at absurd scales is not what is tested here."""
    f, pullback = pair
    with np.errstate(all="ignore"):
        u = cotangent(rng, f(x))
        return compare(lambda batch: [f(one) for one in batch], pullback, x, u, rng, border=border)
