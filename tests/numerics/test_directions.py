"""Random directions: both signs, no small magnitudes, and few enough bits for exact nodes."""

from typing import Any

import numpy as np
import pytest

from gradcheck.numerics.directions import balanced, draw_directions
from gradcheck.numerics.probe import Probe


def drawn(dtype: Any = float, scale: float = 1.0) -> Any:
    x = np.full((50, 4), scale, dtype=dtype)
    probe = Probe(lambda batch: list(batch), lambda at, u: u, x, np.ones_like(x))
    return draw_directions(probe, np.random.default_rng(0), 5) / probe.scale


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_signs_are_balanced(dtype: Any) -> None:
    assert (np.abs(np.sign(drawn(dtype)).mean(axis=(1, 2))) < 0.25).all()


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_magnitudes_are_between_a_half_and_one(scale: float) -> None:
    magnitudes = np.abs(drawn(scale=scale))
    assert magnitudes.min() >= 0.5
    assert magnitudes.max() <= 1
    assert magnitudes.std() > 0.1


@pytest.mark.parametrize(("dtype", "bits"), [(np.float32, 5), (np.float64, 12)])
def test_magnitudes_have_few_bits(dtype: Any, bits: int) -> None:
    scaled = drawn(dtype) * 2.0**bits
    np.testing.assert_array_equal(scaled, np.round(scaled))


def test_balanced_direction_damps_large_gradients() -> None:
    x = np.ones(8)
    g = np.array([1e3, 1, 1, 1, 1, 1, 1, 1])
    probe = Probe(lambda batch: list(batch), lambda at, u: g * u, x, np.ones(8))
    (plain,) = draw_directions(probe, np.random.default_rng(0), 1)
    magnitudes = np.abs(balanced(probe, plain))
    assert magnitudes[0] < 0.1
    assert (magnitudes[1:] >= 0.5).all()
