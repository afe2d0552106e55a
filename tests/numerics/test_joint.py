"""One direction over all arrays: nothing hides behind a larger neighbour."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcheck.numerics import agree_jointly


def affine(scale: float = 1.0, seed: int = 0) -> tuple[dict[str, Any], Any, dict[str, Any]]:
    rng = np.random.default_rng(seed)
    arrays = {
        "x": scale * rng.standard_normal((6, 4)),
        "W": rng.standard_normal((4, 3)),
        "b": rng.standard_normal(3),
    }
    u = rng.standard_normal((6, 3))
    claims = {"x": u @ arrays["W"].T, "W": arrays["x"].T @ u, "b": u.sum(axis=0)}
    return arrays, u, claims


def ask(arrays: dict[str, Any], u: Any, claims: dict[str, Any], seed: int = 0) -> dict[str, float]:
    calls: list[int] = []

    def forward(points):
        calls.append(len(points))
        return [p["x"] @ p["W"] + p["b"] for p in points]

    found = agree_jointly(forward, arrays, claims, u, np.random.default_rng(seed))
    assert sum(calls) <= 7
    return found


@pytest.mark.parametrize("seed", range(10))
def test_a_right_layer_is_accepted_whole(seed: int) -> None:
    assert set(ask(*affine(seed=seed), seed=seed)) == {"x", "W", "b"}


@pytest.mark.parametrize("name", ["x", "W", "b"])
@pytest.mark.parametrize("scale", [1.0, 1e2])
@pytest.mark.parametrize("seed", range(5))
def test_a_wrong_gradient_of_any_array_is_never_accepted(
    name: str, scale: float, seed: int
) -> None:
    arrays, u, claims = affine(scale, seed)
    claims[name] = claims[name] * (1 + 1e-6)
    assert name not in ask(arrays, u, claims, seed)


@pytest.mark.parametrize("seed", range(20))
def test_a_zero_bias_gradient_beside_inputs_of_ten_thousand(seed: int) -> None:
    arrays, u, claims = affine(1e4, seed)
    claims["b"] = np.zeros(3)
    assert "b" not in ask(arrays, u, claims, seed)


@pytest.mark.parametrize("seed", range(20))
def test_a_small_gradient_beside_a_large_one_is_seen_or_left_out(seed: int) -> None:
    arrays, u, claims = affine(1e4, seed)
    claims["b"] = claims["b"] * (1 + 1e-6)
    assert "b" not in ask(arrays, u, claims, seed)


def test_errors_of_two_arrays_do_not_cancel() -> None:
    for seed in range(20):
        arrays, u, claims = affine(seed=seed)
        claims["x"], claims["W"] = claims["x"] * 1.001, claims["W"] * 0.999
        assert not ask(arrays, u, claims, seed)


def test_non_finite_claims_and_mixed_dtypes_are_left_to_others() -> None:
    arrays, u, claims = affine()
    assert ask(arrays, u, claims | {"b": np.full(3, np.nan)}) == {}
    assert ask(arrays | {"b": arrays["b"].astype(np.float32)}, u, claims) == {}


def test_no_evaluation_leaves_the_domain() -> None:
    rng = np.random.default_rng(1)
    arrays = {"x": rng.exponential(size=5) * 1e-6, "y": rng.standard_normal(5)}
    lowest: list[float] = []

    def forward(points):
        lowest.extend(float(p["x"].min()) for p in points)
        return [np.log(p["x"]) * p["y"] for p in points]

    claims = {"x": arrays["y"] / arrays["x"], "y": np.log(arrays["x"])}
    agree_jointly(forward, arrays, claims, np.ones(5), rng, {"x": arrays["x"]})
    assert min(lowest) > 0
