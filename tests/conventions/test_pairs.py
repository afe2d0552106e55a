"""Convention 12: a pair of callables handed over in Python, and a scalar function's gradient."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import check_gradient, check_vjp

RNG = np.random.default_rng(12)
X, W, B = RNG.standard_normal((5, 3)), RNG.standard_normal((3, 2)), RNG.standard_normal(2)
LABELS = np.array([0, 2, 1, 1, 0])


def affine(p):
    return p["x"] @ p["W"] + p["b"]


def affine_vjp(p, u):
    return {"x": u @ p["W"].T, "W": p["x"].T @ u, "b": u.sum(axis=0)}


def affine_vjp_with_mean(p, u):
    return affine_vjp(p, u) | {"b": u.mean(axis=0)}


def affine_vjp_without_sum(p, u):
    return affine_vjp(p, u) | {"b": u}


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_vjp(x, u):
    y = softmax(x)
    return y * (u - (u * y).sum(axis=1, keepdims=True))


def softmax_vjp_of_the_diagonal(x, u):
    y = softmax(x)
    return u * y * (1 - y)


def cross_entropy(x):
    return -np.log(softmax(x)[np.arange(len(x)), LABELS]).mean()


def cross_entropy_gradient(x):
    return (softmax(x) - np.eye(x.shape[1])[LABELS]) / len(x)


def cross_entropy_gradient_of_the_sum(x):
    return softmax(x) - np.eye(x.shape[1])[LABELS]


def rnn_step(p):
    x, h, weights = p
    return np.tanh(x @ weights[:3] + h @ weights[3:])


def rnn_step_vjp(p, u):
    x, h, weights = p
    da = u * (1 - rnn_step(p) ** 2)
    dweights = np.concatenate([x.T @ da, h.T @ da])
    return da @ weights[:3].T, da @ weights[3:].T, dweights


def rnn_step_vjp_without_the_slope(p, u):
    dx, _, dweights = rnn_step_vjp(p, u)
    return dx, u @ p[2][3:].T, dweights


STATE = (X, RNG.standard_normal((5, 2)), RNG.standard_normal((5, 2)))


@pytest.mark.parametrize(
    ("forward", "vjp", "primals"),
    [
        (affine, affine_vjp, {"x": X, "W": W, "b": B}),
        (softmax, softmax_vjp, X),
        (rnn_step, rnn_step_vjp, STATE),
        (np.sin, lambda x, u: u * np.cos(x), X),
    ],
)
def test_right_pairs_pass(forward, vjp, primals) -> None:
    check_vjp(forward, vjp, primals).raise_if_failed()


@pytest.mark.parametrize(
    ("forward", "vjp", "primals", "array"),
    [
        (affine, affine_vjp_with_mean, {"x": X, "W": W, "b": B}, "db"),
        (affine, affine_vjp_without_sum, {"x": X, "W": W, "b": B}, "db"),
        (softmax, softmax_vjp_of_the_diagonal, X, None),
        (rnn_step, rnn_step_vjp_without_the_slope, STATE, None),
        (np.sin, lambda x, u: np.cos(x), X, None),
    ],
)
def test_wrong_pairs_fail(forward, vjp, primals, array) -> None:
    report = check_vjp(forward, vjp, primals)
    assert report.verdict == "fail"
    wrong = {(one.array or "").removeprefix("d") for one in report.findings}
    assert array is None or array.removeprefix("d") in wrong


def test_scalar_functions() -> None:
    check_gradient(cross_entropy, cross_entropy_gradient, X).raise_if_failed()
    assert check_gradient(cross_entropy, cross_entropy_gradient_of_the_sum, X).verdict == "fail"
    assert check_gradient(cross_entropy, lambda x: -cross_entropy_gradient(x), X).verdict == "fail"
