"""Jacobian-vector and Hessian-vector products, by the same engine."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import UsageError, check_hvp, check_jvp

RNG = np.random.default_rng(0)
X, W = RNG.standard_normal((4, 3)), RNG.standard_normal((3, 2))


def affine(p):
    return np.tanh(p["x"] @ p["W"])


def affine_jvp(p, v):
    inner = v["x"] @ p["W"] + p["x"] @ v["W"]
    return (1 - affine(p) ** 2) * inner


@pytest.mark.parametrize("seed", range(5))
def test_a_right_jvp_passes(seed: int) -> None:
    check_jvp(affine, affine_jvp, {"x": X, "W": W}, seed=seed).raise_if_failed()


@pytest.mark.parametrize("factor", [1 + 1e-5, 0.0, -1.0])
def test_a_wrong_jvp_fails(factor: float) -> None:
    report = check_jvp(affine, lambda p, v: factor * affine_jvp(p, v), {"x": X, "W": W})
    assert report.verdict == "fail"
    assert "the jvp" in report.findings[0].headline


def test_a_jvp_that_forgets_an_array_fails() -> None:
    def forgets(p, v):
        return (1 - affine(p) ** 2) * (v["x"] @ p["W"])

    assert check_jvp(affine, forgets, {"x": X, "W": W}).verdict == "fail"


def test_a_given_tangent() -> None:
    tangents = {"x": 1e3 * np.ones_like(X), "W": np.zeros_like(W)}
    check_jvp(affine, affine_jvp, {"x": X, "W": W}, tangents).raise_if_failed()


def test_a_tangent_of_another_shape_is_refused() -> None:
    with pytest.raises(UsageError, match="tangent of x has shape"):
        check_jvp(np.sin, lambda x, v: np.cos(x) * v, X, np.ones(3))


def test_hessian_vector_products() -> None:
    check_hvp(lambda x: 4 * x**3, lambda x, v: 12 * x**2 * v, X).raise_if_failed()
    assert check_hvp(lambda x: 4 * x**3, lambda x, v: 12 * x * v, X).verdict == "fail"
