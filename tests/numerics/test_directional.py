"""``differentiate`` is within its own error of the truth, also where there are two truths."""

from collections.abc import Callable
from functools import reduce
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gradcheck.numerics import Derivative, differentiate
from tests.numerics.functions import steady

# (in NumPy, in mpmath, its derivative in mpmath); all are smooth and of order one
LINKS = {
    "sin": (np.sin, mpmath.sin, mpmath.cos),
    "tanh": (np.tanh, mpmath.tanh, lambda s: mpmath.sech(s) ** 2),
    "exp": (lambda s: np.exp(-s), lambda s: mpmath.exp(-s), lambda s: -mpmath.exp(-s)),
    "log": (
        lambda s: np.log1p(s * s),
        lambda s: mpmath.log(1 + s * s),
        lambda s: 2 * s / (1 + s * s),
    ),
    "sqrt": (
        lambda s: np.sqrt(2 + s * s),
        lambda s: mpmath.sqrt(2 + s * s),
        lambda s: s / mpmath.sqrt(2 + s * s),
    ),
    "cubic": (lambda s: s**3 / 4 - s, lambda s: s**3 / 4 - s, lambda s: 3 * s**2 / 4 - 1),
    "line": (lambda s: 3 * s - 1, lambda s: 3 * s - 1, lambda s: mpmath.mpf(3)),
}
CHAINS = st.lists(st.sampled_from(sorted(LINKS)), min_size=1, max_size=3)
POWERS = st.sampled_from([2.0**-20, 2.0**-10, 1.0, 2.0**10, 2.0**20])
SLOPES = st.floats(-4, 4, width=16)
# A step is relative to x, so x tells the scale of f: what wiggles a million times in x is lost.
SIZED = st.floats(0.1, 2) | st.floats(-2, -0.1)


def composed(chain: list[str], scale: float) -> Callable[[Any], Any]:
    return lambda x: reduce(lambda s, name: LINKS[name][0](s), chain, x / scale)


def truth(chain: list[str], s: float) -> Any:
    """Return the derivative of the chain in s, by the chain rule in fifty digits."""
    with mpmath.workdps(50):
        value, slope = mpmath.mpf(s), mpmath.mpf(1)
        for name in chain:
            _, f, derivative = LINKS[name]
            slope *= derivative(value)
            value = f(value)
        return slope


def covers(found: Derivative, *slopes: float) -> bool:
    return all((np.abs(found.value - slope) <= found.error).all() for slope in slopes)


@steady
@given(chain=CHAINS, s=SIZED, scale=POWERS)
def test_truth_lies_within_the_error(chain: list[str], s: float, scale: float) -> None:
    found = differentiate(composed(chain, scale), np.float64(s * scale))
    assert abs(float(found.value) * scale - truth(chain, s)) <= float(found.error) * scale


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1.0, 1e3, 1e6])
def test_error_is_small(scale: float) -> None:
    for s in np.linspace(-2, 2, 21):
        found = differentiate(lambda x: np.tanh(x / scale), np.array(s * scale + scale / 99))
        assert found.error * scale < 1e-7


@steady
@given(
    s=hnp.arrays(np.float64, (4,), elements=SIZED),
    v=hnp.arrays(np.float64, (4,), elements=st.floats(-3, 3, width=32)).filter(np.any),
    scale=POWERS,
    length=st.sampled_from([1e-9, 1.0, 1e9]),
)
def test_truth_lies_within_the_error_along_a_direction(
    s: Any, v: Any, scale: float, length: float
) -> None:
    W = np.arange(1.0, 13).reshape(3, 4) / 12
    found = differentiate(lambda x: np.tanh(W @ x / scale), s * scale, v * scale * length)
    assert covers(found, W @ v * length / np.cosh(W @ s) ** 2)


@steady
@given(chain=CHAINS, s=st.floats(-2, 2, width=32))
def test_float32_is_within_its_larger_error(chain: list[str], s: float) -> None:
    found = differentiate(composed(chain, 1), np.float32(s))
    assert abs(float(found.value) - truth(chain, s)) <= float(found.error)


def test_derivative_is_linear_in_the_direction() -> None:
    x, v = np.array([0.3, -1.0]), np.array([1.0, 2.0])
    once, thrice = (differentiate(np.exp, x, factor * v) for factor in (1, -3))
    np.testing.assert_allclose(thrice.value, -3 * once.value, rtol=1e-9)


@steady
@given(left=SLOPES, right=SLOPES, height=st.floats(-2, 2), scale=POWERS)
def test_interval_at_a_kink_covers_both_slopes(
    left: float, right: float, height: float, scale: float
) -> None:
    found = differentiate(
        lambda x: height + np.where(x < scale, left, right) * (x - scale) / scale, np.array(scale)
    )
    assert covers(found, left / scale, right / scale)


@steady
@given(left=SLOPES, right=SLOPES)
def test_kink_is_named_one_where_the_slopes_differ(left: float, right: float) -> None:
    found = differentiate(lambda x: np.where(x < 1, left, right) * (x - 1), np.array(1.0))
    assert bool(found.kink) == (left != right)


@pytest.mark.parametrize("f", [np.abs, lambda x: np.maximum(x, 0), lambda x: np.maximum(x, 2 * x)])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_only_the_output_at_its_kink_is_named_one(f: Any, scale: float) -> None:
    x = np.array([0.0, 1.0, -0.5, 2.0]) * scale
    found = differentiate(f, x, np.ones(4) * scale)
    np.testing.assert_array_equal(found.kink, [True, False, False, False])


@pytest.mark.parametrize("away", [1e-3, 1e-5, 1e-6, -1e-6, -1e-4])
def test_slope_beside_a_kink_is_that_of_its_side(away: float) -> None:
    found = differentiate(np.abs, np.array([away, 1.0]), np.array([1.0, 0.0]))
    assert covers(found, np.array([np.sign(away), 0.0]))
    assert not found.kink.any()


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (0,), (2, 0)])
def test_everything_is_like_the_output(shape: tuple[int, ...]) -> None:
    found = differentiate(lambda x: x.sum() * np.ones(shape), np.ones((2, 2)), np.ones((2, 2)))
    assert {getattr(found, n).shape for n in ("value", "error", "step", "kink")} == {shape}
    np.testing.assert_allclose(found.value, 4, rtol=1e-9)


@pytest.mark.parametrize("wrap", [float, np.float32, lambda y: [y], lambda y: [[y, y]]])
def test_output_may_be_a_number_or_a_list(wrap: Any) -> None:
    found = differentiate(lambda x: wrap(3 * x), np.array(1.0))
    assert found.value.shape == np.shape(wrap(1.0))
    assert covers(found, 3)


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_single_element_needs_no_direction(shape: tuple[int, ...]) -> None:
    assert covers(differentiate(np.sum, np.full(shape, 2.0)), 1)


def test_several_elements_need_a_direction() -> None:
    with pytest.raises(ValueError, match=r"x has 6 elements: say .* an array of shape \(2, 3\)"):
        differentiate(np.sum, np.ones((2, 3)))


@pytest.mark.parametrize("shape", [(), (2,), (3, 1), (1, 3), (4,)])
def test_direction_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError) as refusal:
        differentiate(np.sum, np.ones(3), np.ones(shape))
    assert str(refusal.value) == f"direction has shape {shape}, x has shape (3,)"


@pytest.mark.parametrize("direction", [[0.0, 0.0], [-0.0, 0.0], [np.nan, 1.0], [1.0, np.inf]])
def test_direction_without_a_direction_is_refused(direction: list[float]) -> None:
    with pytest.raises(ValueError, match="direction must be finite and not zero"):
        differentiate(np.sum, np.ones(2), direction)


@pytest.mark.parametrize("x", [1, [1, 2], np.ones(2, int), np.ones(2, bool), np.ones(2, complex)])
def test_x_that_is_not_floating_point_is_refused(x: Any) -> None:
    with pytest.raises(TypeError, match=r"got dtype \w+: cast with x\.astype\(float\)"):
        differentiate(np.sum, x, np.ones(np.shape(x)))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_f_that_is_not_finite_at_x_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not finite at x"):
        differentiate(lambda x: x * value, np.array(1.0))


@pytest.mark.parametrize("f", [np.sin, np.abs, lambda x: np.sin(1e4 * x), lambda x: 1e9 + x])
@pytest.mark.parametrize("x", [0.0, 0.7])
def test_evaluations_are_counted(f: Any, x: float) -> None:
    calls: list[Any] = []
    found = differentiate(lambda at: calls.append(at) or f(at), np.array(x))
    assert found.evaluations == len(calls)


@pytest.mark.parametrize(("x", "most"), [(0.7, 9), (0.0, 13)])
def test_evaluations_are_as_few_as_promised(x: float, most: int) -> None:
    assert differentiate(np.abs, np.array(x)).evaluations == most


def test_truth_lies_within_the_error_at_zero() -> None:
    assert covers(differentiate(np.sin, np.array(0.0)), 1)


def test_f_may_write_into_its_argument() -> None:
    x = np.array([0.3, -1.0])
    found = differentiate(lambda at: np.exp(at, out=at), x, np.ones(2))
    np.testing.assert_array_equal(x, [0.3, -1.0])
    assert covers(found, np.exp([0.3, -1.0]))


def test_f_may_keep_its_argument() -> None:
    kept: list[Any] = []
    x = np.array(0.5)
    differentiate(lambda at: kept.append(at) or np.sin(at), x)
    assert not any(np.shares_memory(at, x) for at in kept)


def test_step_is_a_power_of_two() -> None:
    found = differentiate(np.sin, np.array([1.0, 2.0]), np.ones(2))
    mantissa, _ = np.frexp(found.step)
    np.testing.assert_array_equal(mantissa, 0.5)
