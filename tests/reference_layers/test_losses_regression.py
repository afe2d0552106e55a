"""Losses of numbers: known values, kinks, large differences, refused shapes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.regression_losses import Huber, MeanAbsoluteError, MeanSquaredError, SmoothL1

RNG = np.random.default_rng(32)
LOSSES = (MeanSquaredError, MeanAbsoluteError, Huber, SmoothL1)
every_loss = pytest.mark.parametrize("make", LOSSES, ids=lambda make: make.__name__)


def piecewise(make: Any, d: float, k: float) -> tuple[float, float]:
    """Loss and slope at one difference, case by case; k is delta or beta."""
    sign = float(np.sign(d))
    if make is MeanSquaredError:
        return d * d, 2 * d
    if make is MeanAbsoluteError:
        return abs(d), sign
    inside = abs(d) <= k
    if make is Huber:
        return (d * d / 2, d) if inside else (k * abs(d) - k * k / 2, k * sign)
    return (d * d / (2 * k), d / k) if inside else (abs(d) - k / 2, sign)


@every_loss
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@given(
    shape=st.lists(st.integers(1, 3), max_size=4).map(tuple),
    k=st.sampled_from([1.0, 0.5, 2.0]),
    seed=st.integers(0, 2**16),
)
@settings(max_examples=30, deadline=None)
def test_cases_one_by_one(make: Any, reduction: str, shape: Any, k: float, seed: int) -> None:
    """In any shape; the mean is over all elements."""
    rng = np.random.default_rng(seed)
    y, t = np.round(2 * rng.standard_normal((2, *shape)), 1)
    options = {Huber: {"delta": k}, SmoothL1: {"beta": k}}.get(make, {})
    loss = make(reduction=reduction, **options)
    pieces = [piecewise(make, d, k) for d in (y - t).ravel()]
    losses, slopes = (np.reshape([piece[i] for piece in pieces], shape) for i in (0, 1))
    expected = losses if reduction == "none" else getattr(np, reduction)(losses)
    np.testing.assert_allclose(loss.forward(y, t), expected, rtol=1e-13, atol=1e-15)
    dout = rng.standard_normal(np.shape(expected))
    count = losses.size if reduction == "mean" else 1
    np.testing.assert_allclose(loss.backward(dout), dout * slopes / count, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize(
    ("make", "expected", "slope"),
    [
        (MeanSquaredError, 4.5, [0, 3]),
        (MeanAbsoluteError, 1.5, [0, 0.5]),
        (Huber, 1.25, [0, 0.5]),
        (SmoothL1, 1.25, [0, 0.5]),
    ],
)
def test_known_losses(make: Any, expected: float, slope: Any) -> None:
    """Differences 0 and 3; where the prediction is right no slope is taken."""
    loss = make()
    assert loss.forward([1.0, 5.0], [1, 2]) == expected
    np.testing.assert_array_equal(loss.backward(), slope)


@every_loss
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_extreme_differences(make: Any, dtype: Any) -> None:
    """Of 1e8 and 1e-8; only the square grows faster than the difference."""
    loss = make(reduction="none")
    losses = loss.forward(np.array([1e8, -1e8, 1e-8], dtype), np.zeros(3, dtype))
    square, line = losses[2], losses[0]
    assert line == (dtype(1e16) if make is MeanSquaredError else pytest.approx(1e8))
    assert losses[1] == line
    factor = {MeanSquaredError: 1e-16, MeanAbsoluteError: 1e-8}.get(make, 5e-17)
    assert square == pytest.approx(factor, rel=1e-6)
    assert loss.backward(np.ones(3))[0] == (dtype(2e8) if make is MeanSquaredError else 1)


@pytest.mark.parametrize("make", [MeanAbsoluteError, Huber, SmoothL1])
def test_nothing_large_is_squared(make: Any) -> None:
    """1e30 has no square in float32; no warning either."""
    loss = make()
    assert loss.forward(np.full(1, 1e30, np.float32), np.zeros(1, np.float32)) == np.float32(1e30)


@every_loss
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_empty_batch(make: Any, reduction: str) -> None:
    """Costs nothing, and its gradient has no rows."""
    loss = make(reduction=reduction)
    value = loss.forward(np.ones((0, 3)), np.ones((0, 3)))
    assert value.sum() == 0
    assert loss.backward(np.ones(value.shape)).shape == (0, 3)


@every_loss
def test_nothing_is_broadcast(make: Any) -> None:
    """(N,) against (N, 1) is the classic mistake."""
    with pytest.raises(ValueError, match=r"must have one shape, got \(3,\) and \(3, 1\)"):
        make().forward(np.ones(3), np.ones((3, 1)))


@every_loss
def test_unknown_reduction_is_refused(make: Any) -> None:
    """The error names layer and choices."""
    with pytest.raises(ValueError, match=rf"{make.__name__}: reduction must be mean, sum or none"):
        make(reduction="average")


@pytest.mark.parametrize(("make", "name"), [(Huber, "delta"), (SmoothL1, "beta")])
@pytest.mark.parametrize("value", [0.0, -1.0, np.nan])
def test_widths_are_positive(make: Any, name: str, value: float) -> None:
    """At zero width Huber is nothing, and SmoothL1 the absolute error."""
    with pytest.raises(ValueError, match=f"{name} must be positive, got {value}"):
        make(**{name: value})


@every_loss
def test_precisions_meet_in_the_wider_one(make: Any) -> None:
    """That of the prediction or that of the target."""
    narrow, wide = np.float32([1, 2]), np.float64([3, 1])
    loss = make()
    assert loss.forward(narrow, wide).dtype == loss.backward().dtype == np.float64
    assert loss.forward(wide, narrow).dtype == loss.backward().dtype == np.float64
    assert loss.forward(narrow, narrow + 1).dtype == np.float32


def test_complex_step() -> None:
    """The square is analytic; the derivative can be read off without cancellation."""
    y, t = RNG.standard_normal((2, 4))
    loss = MeanSquaredError()
    loss.forward(y, t)
    dy = loss.backward()
    slope = loss.forward(y + 1e-40j * np.eye(4)[2], t).imag / 1e-40
    assert slope == pytest.approx(dy[2], rel=1e-13)
