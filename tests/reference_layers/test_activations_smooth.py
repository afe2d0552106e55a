"""Smooth activations against their formulas in many digits, and at the ends of the dtypes."""

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from layers.activations import Tanh
from layers.gelu import GELU, GELUTanh
from layers.layer import Layer
from layers.smooth_activations import Mish, SiLU, Softplus, Swish

mp = mpmath


def _gelu(x: Any) -> Any:
    return x * mp.erfc(-x / mp.sqrt(2)) / 2


def _gelu_tanh(x: Any) -> Any:
    g = mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3)
    return x * (1 + mp.tanh(g)) / 2


# Construction, and the formula as it is printed.
FORMULAS: dict[str, tuple[Callable[[], Layer], Callable[[Any], Any]]] = {
    "Tanh": (Tanh, mp.tanh),
    "Softplus": (Softplus, lambda x: mp.log(1 + mp.exp(x))),
    "Softplus, beta": (lambda: Softplus(2.5), lambda x: mp.log(1 + mp.exp(2.5 * x)) / 2.5),
    "SiLU": (SiLU, lambda x: x / (1 + mp.exp(-x))),
    "SiLU, beta": (lambda: SiLU(1.5), lambda x: x / (1 + mp.exp(-1.5 * x))),
    "Mish": (Mish, lambda x: x * mp.tanh(mp.log(1 + mp.exp(x)))),
    "GELU": (GELU, _gelu),
    "GELUTanh": (GELUTanh, _gelu_tanh),
}
every_formula = pytest.mark.parametrize("name", FORMULAS)
EDGES = [-1e8, -1e4, -30.0, -12.0, -1e-8, 0.0, 1e-8, 12.0, 30.0, 1e4, 1e8]
POINTS = np.array([*EDGES, *np.random.default_rng(1).uniform(-6, 6, 40)])


def exact(value: Any) -> Any:
    """Return a NumPy number of any precision as it is."""
    mantissa, exponent = np.frexp(np.longdouble(value))
    high = float(mantissa)
    return mp.ldexp(mp.mpf(high) + mp.mpf(float(mantissa - high)), int(exponent))


def close(found: Any, wanted: Any, relative: float, absolute: float = 0.0) -> bool:
    return bool(abs(exact(found) - wanted) <= relative * abs(wanted) + absolute)


@every_formula
def test_value_is_the_formula(name: str) -> None:
    """Nearly to the last digit, from 1e-8 to 1e8 on both sides; less far left for GELUTanh.

    There the value is e^2g, and the rounding of g itself is seen.
    """
    make, formula = FORMULAS[name]
    relative = 1e-13 if name == "GELUTanh" else 4e-15
    with mp.workdps(1000):  # 1 + tanh g cancels as many
        for x, y in zip(POINTS, make().forward(POINTS), strict=True):
            assert close(y, formula(exact(x)), relative, 1e-307), (x, y)


@every_formula
def test_slope_is_that_of_the_formula(name: str) -> None:
    """By a difference quotient with enough digits to spare."""
    make, formula = FORMULAS[name]
    layer = make()
    layer.forward(POINTS)
    with mp.workdps(120):
        h = mp.mpf(10) ** -40
        for x, slope in zip(POINTS, layer.backward(np.ones(POINTS.shape)), strict=True):
            at = exact(x)
            wanted = (formula(at + h) - formula(at - h)) / (2 * h)
            assert close(slope, wanted, 1e-13, 1e-15), (x, slope)


@pytest.mark.parametrize(
    ("dtype", "left"),
    [(np.float32, -12.0), (np.float64, -37.0), (np.longdouble, -140.0)],
)
def test_gelu_keeps_all_digits(dtype: type[Any], left: float) -> None:
    """In the far left tail too; at -30 the value is -1.5e-196."""
    rng = np.random.default_rng(2)
    x = np.concatenate([rng.uniform(left, 8, 100), rng.uniform(-3, 3, 50), [max(left, -30)]])
    x = x.astype(dtype)
    gelu = GELU()
    y, slope = gelu.forward(x), gelu.backward(np.ones(x.shape))
    unit = max(float(np.finfo(dtype).eps), 2e-21)
    with mp.workdps(60):
        for one, value, d in zip(map(exact, x), y, slope, strict=True):
            below, density = mp.erfc(-one / mp.sqrt(2)) / 2, mp.npdf(one)
            assert close(value, one * below, 4 * unit)
            # The two terms of the slope have opposite signs left of zero.
            assert close(d, below + one * density, 0, 6 * unit * max(below, abs(one) * density))


@every_formula
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_the_ends_of_the_dtype(name: str, dtype: type[Any]) -> None:
    """Flat on the left, and on the right the slope of x or of one; warnings are errors here."""
    make, _ = FORMULAS[name]
    layer, largest = make(), np.finfo(dtype).max / 4
    x: Any = np.array([-largest, largest], dtype)
    bounded = name == "Tanh"
    wanted = [-1, 1] if bounded else [0, largest]
    np.testing.assert_allclose(layer.forward(x), wanted, rtol=float(2 * np.finfo(dtype).eps))
    np.testing.assert_array_equal(layer.backward(np.ones(2)), [0, 0 if bounded else 1])


@every_formula
@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0), (), (1,), (1, 2, 1, 3)])
def test_any_shape(name: str, shape: tuple[int, ...]) -> None:
    """Empty and 0-d ones; a second forward replaces the first."""
    layer = FORMULAS[name][0]()
    layer.forward(np.ones((4, 4)))
    assert np.shape(layer.forward(np.ones(shape))) == shape  # type: ignore[attr-defined]
    assert np.shape(layer.backward(np.ones(shape))) == shape  # type: ignore[attr-defined]


def test_gelu_known_values() -> None:
    """One normal variable in six lies below -1, to the digits of a printed table."""
    np.testing.assert_allclose(GELU().forward([-1.0, 0.0, 1.0]), [-0.1586553, 0, 0.8413447], 1e-6)


def test_gelu_and_its_approximation_are_close() -> None:
    """Nowhere more than 5e-4 apart."""
    x = np.linspace(-8, 8, 20001)
    difference = np.abs(GELU().forward(x) - GELUTanh().forward(x))
    assert 4e-4 < difference.max() < 5e-4


def test_sharp_softplus_is_a_rectifier() -> None:
    """And at zero it is ln 2 / beta."""
    x = np.array([-3.0, 0.0, 3.0])
    np.testing.assert_allclose(Softplus(1000.0).forward(x), [0, np.log(2) / 1000, 3])


def test_swish_is_silu() -> None:
    assert Swish is SiLU


@pytest.mark.parametrize("beta", [0.0, -1.0])
def test_softplus_needs_a_positive_beta(beta: float) -> None:
    with pytest.raises(ValueError, match=f"Softplus: beta must be positive, got {beta}"):
        Softplus(beta)
