"""The sigmoid, its integral and its slope, and that of tanh: exact, quiet, analytic."""

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from layers.logistic import sigmoid, sigmoid_slope, softplus, tanh_slope

Function = Callable[[Any], Any]

EXACT: dict[Function, Function] = {
    sigmoid: lambda x: 1 / (1 + mpmath.exp(-x)),
    sigmoid_slope: lambda x: 1 / (2 * mpmath.cosh(x / 2)) ** 2,
    tanh_slope: lambda x: 1 / mpmath.cosh(x) ** 2,
    softplus: lambda x: mpmath.log1p(mpmath.exp(x)),
}
DERIVATIVES = {sigmoid: sigmoid_slope, np.tanh: tanh_slope, softplus: sigmoid}
every_function = pytest.mark.parametrize("function", EXACT)
POINTS = np.concatenate([[0, 1e-9, 0.1, 1, 5, 20, 40, 43.5], np.linspace(0.3, 12, 9)])


@every_function
@pytest.mark.parametrize(("dtype", "ulps"), [(np.float32, 4), (np.float64, 4), (np.longdouble, 4)])
def test_all_digits_hold_at_both_ends(function: Function, dtype: Any, ulps: int) -> None:
    with mpmath.workdps(40):
        for x in np.concatenate([POINTS, -POINTS]).astype(dtype):
            exact = EXACT[function](
                mpmath.mpf(str(x)) if dtype == np.longdouble else mpmath.mpf(float(x))
            )
            found = function(np.asarray(x))
            if exact < float(np.finfo(dtype).smallest_normal):
                continue
            error = abs(mpmath.mpf(np.format_float_positional(found, unique=True)) / exact - 1)
            assert error <= ulps * float(np.finfo(dtype).eps) * max(1.0, abs(float(x)) / 8), x


@every_function
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_extremes_are_quiet(function: Function, dtype: Any) -> None:
    """Nothing overflows, and nothing is lost: zero, one, or x itself."""
    largest = np.finfo(dtype).max
    x = np.array([-np.inf, -largest, largest, np.inf], dtype)
    right = {sigmoid: [0, 0, 1, 1], softplus: [0, 0, largest, np.inf]}.get(function, np.zeros(4))
    found = function(x)
    np.testing.assert_array_equal(found, np.array(right, dtype))
    assert found.dtype == function(x[1].reshape(())).dtype == dtype


@pytest.mark.parametrize("function", DERIVATIVES)
def test_a_complex_step_gives_the_derivative(function: Function) -> None:
    """So all of them are analytic, and their slopes are those of each other."""
    x = np.concatenate([POINTS, -POINTS])
    along = function(x + 1e-30j).imag / 1e-30
    np.testing.assert_allclose(along, DERIVATIVES[function](x), rtol=1e-13)


@every_function
def test_complex_extremes_are_quiet(function: Function) -> None:
    assert np.isfinite(function(np.array([-1e5 + 1e-30j, 1e5 + 1e-30j, 1j, -1j]))).all()
