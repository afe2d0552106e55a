"""``differentiate_elements`` is within its own error of the truth, element by element."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from gradcheck.numerics import Elements, Probe, differentiate_elements
from tests.numerics.functions import (
    ALL,
    POSITIVE,
    SCALES,
    SEEDS,
    SMOOTH,
    Pair,
    cotangent,
    points,
    steady,
)

SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=4)


def elements(pair: Pair, x: Any, u: Any, border: Any = None) -> Elements:
    f, pullback = pair
    with np.errstate(all="ignore"):
        probe = Probe(lambda batch: [np.asarray(f(one)) for one in batch], pullback, x, u, border)
        return differentiate_elements(probe)


def truth_and_found(name: str, seed: int, shape: Any, scale: float = 1) -> tuple[Any, Elements]:
    rng, x = points(seed, shape, name in POSITIVE)
    x *= scale
    pair = ALL[name](rng, x)
    with np.errstate(all="ignore"):
        u = cotangent(rng, pair[0](x))
        truth = pair[1](x, u)
    return truth, elements(pair, x, u)


@pytest.mark.parametrize("name", [name for name in ALL if name != "exp"])
@steady
@given(seed=SEEDS, shape=SHAPES, scale=SCALES)
def test_truth_lies_within_the_error(name: str, seed: int, shape: Any, scale: float) -> None:
    truth, found = truth_and_found(name, seed, shape, scale)
    assert (np.abs(found.gradient - truth) <= found.error).all()


@pytest.mark.parametrize("name", sorted(SMOOTH | POSITIVE))
def test_error_is_small(name: str) -> None:
    truth, found = truth_and_found(name, 0, (3, 4))
    assert (found.error < 1e-6 * np.abs(truth).max()).all()


@pytest.mark.parametrize("shape", [(), (1,), (2, 1, 3), (0,), (2, 0)])
def test_result_is_like_x_in_float64(shape: tuple[int, ...]) -> None:
    x = np.ones(shape, dtype=np.float32)
    found = elements((np.square, lambda x, u: 2 * u * x), x, np.ones_like(x))
    assert (found.gradient.shape, found.gradient.dtype) == (shape, np.float64)
    assert (found.error.shape, found.error.dtype) == (shape, np.float64)


def test_what_the_backward_claims_does_not_matter() -> None:
    x, u = points(0, (3, 4))[1], np.ones((3, 4))
    right, wrong = (
        elements((np.tanh, lambda x, u, factor=factor: u * factor), x, u) for factor in (1, 1e-3)
    )
    np.testing.assert_array_equal(right.gradient, wrong.gradient)


def test_kink_at_an_element_widens_only_its_own_error() -> None:
    x = np.array([0.0, 1.0, -2.0])
    found = elements((np.abs, lambda x, u: u * np.sign(x)), x, np.ones(3))
    np.testing.assert_array_equal(found.error > 0.5, [True, False, False])
    assert found.error[0] >= 1 - abs(found.gradient[0])


@pytest.mark.parametrize("known", [True, False])
def test_is_right_near_the_border_of_the_domain(known: bool) -> None:
    x = np.array([1e-9, 1e-3, 1.0, 30.0])
    pair = (np.log, lambda x, u: u / x)
    found = elements(pair, x, np.ones(4), x if known else None)
    assert (np.abs(found.gradient - 1 / x) <= found.error).all()
    assert (found.error * x < 1e-6).all()


def test_element_on_the_border_has_no_difference() -> None:
    x = np.array([0.0, 1.0])
    found = elements((np.sqrt, lambda x, u: u), x, np.ones(2), x)
    assert not np.isfinite(found.gradient[0]) or not np.isfinite(found.error[0])
    assert abs(found.gradient[1] - 0.5) <= found.error[1] < 1e-6


def test_evaluations_are_eight_an_element() -> None:
    x = points(0, (3, 4))[1]
    probe = Probe(lambda batch: list(map(np.tanh, batch)), lambda x, u: u, x, np.ones((3, 4)))
    differentiate_elements(probe)
    assert probe.forward_calls == 1 + 8 * x.size
