"""Activations with kinks: their branches one by one, the kinks themselves, PReLU's slopes."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers import ReLU
from layers.activations import ELEMENTWISE
from layers.hard_activations import HardSigmoid, HardTanh
from layers.layer import Layer
from layers.rectifiers import ELU, SELU, LeakyReLU, PReLU

X = np.array([-2.0, -0.5, 0.0, 0.5, 2.0])
E2, E05 = math.exp(-2), math.exp(-0.5)
A, S = 1.6732632423543772, 1.0507009873554805

# The values at X, and the slopes, the kink at zero included.
KNOWN: dict[str, tuple[Any, list[float], list[float]]] = {
    "LeakyReLU": (LeakyReLU(), [-0.02, -0.005, 0, 0.5, 2], [0.01, 0.01, 0.01, 1, 1]),
    "LeakyReLU, 1/4": (LeakyReLU(0.25), [-0.5, -0.125, 0, 0.5, 2], [0.25, 0.25, 0.25, 1, 1]),
    "ELU": (ELU(), [E2 - 1, E05 - 1, 0, 0.5, 2], [E2, E05, 1, 1, 1]),
    "ELU, 2": (ELU(2.0), [2 * E2 - 2, 2 * E05 - 2, 0, 0.5, 2], [2 * E2, 2 * E05, 2, 1, 1]),
    "SELU": (
        SELU(),
        [S * A * (E2 - 1), S * A * (E05 - 1), 0, S * 0.5, S * 2],
        [S * A * E2, S * A * E05, S * A, S, S],
    ),
    "HardTanh": (HardTanh(), [-1, -0.5, 0, 0.5, 1], [0, 1, 1, 1, 0]),
    "HardTanh, at its kinks": (HardTanh(-0.5, 0.5), [-0.5, -0.5, 0, 0.5, 0.5], [0, 0, 1, 0, 0]),
    "HardSigmoid": (
        HardSigmoid(),
        [1 / 6, 5 / 12, 0.5, 7 / 12, 5 / 6],
        [1 / 6, 1 / 6, 1 / 6, 1 / 6, 1 / 6],
    ),
    "HardSigmoid, at its kinks": (
        HardSigmoid(0.25),
        [0, 0.375, 0.5, 0.625, 1],
        [0, 0.25, 0.25, 0.25, 0],
    ),
    "PReLU": (PReLU(0.25), [-0.5, -0.125, 0, 0.5, 2], [0.25, 0.25, 0.25, 1, 1]),
}
every_known = pytest.mark.parametrize(("layer", "values", "slopes"), KNOWN.values(), ids=KNOWN)


@every_known
def test_known_values(layer: Any, values: list[float], slopes: list[float]) -> None:
    """And slopes, times an upstream gradient."""
    np.testing.assert_allclose(layer.forward(X), values, rtol=1e-14)
    dout = np.array([3.0, -1.0, 2.0, -5.0, 0.5])
    np.testing.assert_allclose(layer.backward(dout), dout * slopes, rtol=1e-14)


@every_known
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_large_arguments(layer: Any, values: list[float], slopes: list[float], dtype: Any) -> None:
    """Finite on both sides, without a warning."""
    big = np.finfo(dtype).max / 4
    y = layer.forward(np.array([-big, big], dtype))
    assert np.isfinite(y).all()
    assert np.isfinite(layer.backward(np.ones(2))).all()


@every_known
@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0), (), (1,), (1, 2, 1, 3)])
def test_any_shape(
    layer: Any, values: list[float], slopes: list[float], shape: tuple[int, ...]
) -> None:
    layer.forward(np.ones((4, 4)))
    assert np.shape(layer.forward(np.ones(shape))) == shape
    assert np.shape(layer.backward(np.ones(shape))) == shape


def test_elu_of_tiny_arguments() -> None:
    """e^x - 1 is x there, which a subtraction would lose."""
    np.testing.assert_allclose(ELU().forward([-1e-8, -1e-20]), [-1e-8, -1e-20], rtol=1e-7)


def test_selu_numbers_keep_mean_and_variance() -> None:
    """In closed form (Klambauer et al., eq. 14), and of a standard normal sample."""
    c1, c2 = math.erfc(math.sqrt(0.5)), math.erfc(math.sqrt(2.0))
    alpha = -math.sqrt(2 / math.pi) / (c1 * math.exp(0.5) - 1)
    e = math.e
    scale = (1 - c1 * math.sqrt(e)) * math.sqrt(2 * math.pi)
    scale /= math.sqrt(
        2 * c2 * e * e + math.pi * c1 * c1 * e - 2 * (2 + math.pi) * c1 * math.sqrt(e) + math.pi + 2
    )
    assert float(SELU.ALPHA) == pytest.approx(alpha, rel=1e-14)
    assert float(SELU.SCALE) == pytest.approx(scale, rel=1e-14)
    y = SELU().forward(np.random.default_rng(3).standard_normal(400_000))
    assert (y.mean(), y.var()) == pytest.approx((0, 1), abs=0.01)


def test_leaky_relu_between_relu_and_identity() -> None:
    x = np.random.default_rng(4).standard_normal((3, 4))
    np.testing.assert_array_equal(LeakyReLU(0.0).forward(x), ReLU().forward(x))
    np.testing.assert_array_equal(LeakyReLU(1.0).forward(x), x)


def naive_prelu(x: Any, a: Any, dout: Any) -> tuple[Any, Any, Any]:
    """Element by element, as the definition reads."""
    y, dx, da = np.zeros_like(x), np.zeros_like(x), np.zeros_like(a)
    for index in np.ndindex(x.shape):
        c = index[1] if a.size > 1 else 0
        slope = a.reshape(-1)[c]
        y[index] = x[index] if x[index] > 0 else slope * x[index]
        dx[index] = dout[index] if x[index] > 0 else slope * dout[index]
        if x[index] <= 0:
            da.reshape(-1)[c] += dout[index] * x[index]
    return y, dx, da


@given(
    shape=st.lists(st.integers(0, 4), min_size=2, max_size=4).map(tuple),
    kind=st.sampled_from(["channels", "one", "0-d"]),
    seed=st.integers(0, 99),
)
def test_prelu_is_the_loop(shape: tuple[int, ...], kind: str, seed: int) -> None:
    """With a slope for each channel or one for all, zeros in x included."""
    rng = np.random.default_rng(seed)
    x, dout = rng.integers(-2, 3, shape) / 2, rng.standard_normal(shape)
    a = rng.standard_normal({"channels": shape[1:2], "one": (1,), "0-d": ()}[kind])
    layer, (y, dx, da) = PReLU(a), naive_prelu(x, np.asarray(a), dout)
    np.testing.assert_array_equal(layer.forward(x), y)
    np.testing.assert_array_equal(layer.backward(dout), dx)
    np.testing.assert_allclose(layer.da, da, rtol=1e-13, atol=1e-14)
    assert np.shape(layer.da) == np.shape(a)


def test_prelu_slopes_are_shared_and_start_at_a_quarter() -> None:
    layer = PReLU.random(3)
    np.testing.assert_array_equal(layer.a, [0.25] * 3)
    layer.a -= [0.0, 0.25, 1.25]
    np.testing.assert_array_equal(layer.forward([[-4.0, -4.0, -4.0]]), [[-1, 0, 4]])
    assert PReLU.random().a.shape == (1,)


@pytest.mark.parametrize("shape", [(3,), (3, 2), (3, 4, 3), ()])
def test_prelu_channels_must_fit(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"PReLU.forward: x of shape .* must have C = 3 channels"):
        PReLU(np.ones(3)).forward(np.ones(shape))


def test_prelu_slopes_are_a_row() -> None:
    with pytest.raises(ValueError, match=r"a must have shape \(C,\), \(1,\) or \(\), got \(1, 3\)"):
        PReLU(np.ones((1, 3)))


def test_refused_options() -> None:
    with pytest.raises(ValueError, match="HardTanh: low must be below high, got 1"):
        HardTanh(1.0, 1.0)
    with pytest.raises(ValueError, match="HardSigmoid: slope must be positive, got 0"):
        HardSigmoid(0.0)


def test_what_is_elementwise_says_so() -> None:
    plain: list[type[Layer]] = [LeakyReLU, ELU, SELU, HardTanh, HardSigmoid]
    assert all(layer.forms == ELEMENTWISE for layer in plain)
