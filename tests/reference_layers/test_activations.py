"""Activations: known values, large arguments, and what they are composed of."""

from typing import Any

import numpy as np
import pytest

from layers import Add, Div, Exp, Mul, ReLU, Sigmoid, Softmax


def test_relu_passes_what_is_positive() -> None:
    """And nothing at zero, even under an infinite upstream gradient."""
    relu = ReLU()
    np.testing.assert_array_equal(relu.forward([[1.0, -0.5], [-2.0, 0.0]]), [[1, 0], [0, 0]])
    np.testing.assert_array_equal(relu.backward([[5.0, 5.0], [np.inf, 5.0]]), [[5, 0], [0, 0]])


def test_sigmoid_is_the_chain_of_its_nodes() -> None:
    """1 / (1 + exp(x * -1)), forward and backward."""
    x, dout = np.random.default_rng(3).standard_normal((2, 4, 5))
    ones = np.ones_like(x)
    negate, exp, plus_one, reciprocal, sigmoid = Mul(), Exp(), Add(), Div(), Sigmoid()
    y = reciprocal.forward(ones, plus_one.forward(exp.forward(negate.forward(x, -ones)), ones))
    np.testing.assert_allclose(sigmoid.forward(x), y, rtol=1e-14)
    _, d_plus_one = reciprocal.backward(dout)
    dx, _ = negate.backward(exp.backward(plus_one.backward(d_plus_one)[0]))
    np.testing.assert_allclose(sigmoid.backward(dout), dx, rtol=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_sigmoid_of_large_arguments(dtype: type) -> None:
    """Zero, half and one, flat on both sides; warnings are errors here."""
    sigmoid = Sigmoid()
    x: Any = np.array([-20000, -1000, 0, 1000, 20000], dtype)
    np.testing.assert_allclose(sigmoid.forward(x), [0, 0, 0.5, 1, 1], atol=1e-300)
    np.testing.assert_allclose(sigmoid.backward(np.ones(5)), [0, 0, 0.25, 0, 0], atol=1e-300)


def test_slope_of_sigmoid_is_even() -> None:
    """So it keeps its digits where the output has rounded to one."""
    sigmoid = Sigmoid()
    sigmoid.forward([40.0, -40.0])
    np.testing.assert_allclose(sigmoid.backward([1.0, 1.0]), np.exp([-40.0, -40.0]), rtol=1e-15)


def test_softmax_known_values() -> None:
    """Saito, sec. 3.5.3, to the digits printed there."""
    y = Softmax().forward([0.3, 2.9, 4.0])
    np.testing.assert_allclose(y, [0.01821127, 0.24519181, 0.73659691], atol=5e-9)


def test_softmax_along_an_axis() -> None:
    """Columns of x are the rows of its transpose."""
    x, dout = np.random.default_rng(4).standard_normal((2, 3, 4))
    rows, columns = Softmax(), Softmax(axis=0)
    np.testing.assert_allclose(columns.forward(x), rows.forward(x.T).T)
    np.testing.assert_allclose(columns.backward(dout), rows.backward(dout.T).T)


def test_softmax_ignores_a_constant() -> None:
    """However large; so its gradient has no part along the constant."""
    softmax = Softmax()
    x, dout = np.random.default_rng(5).integers(-9, 9, (2, 3, 4)).astype(float)
    np.testing.assert_allclose(softmax.forward(x + 1e4), softmax.forward(x))
    np.testing.assert_allclose(softmax.backward(dout).sum(axis=-1), 0, atol=1e-14)


def test_softmax_of_far_apart_logits() -> None:
    """One-hot, and flat; warnings are errors here."""
    softmax = Softmax()
    np.testing.assert_array_equal(softmax.forward([[1e4, -1e4, 0.0]]), [[1, 0, 0]])
    np.testing.assert_array_equal(softmax.backward([[3.0, -2.0, 5.0]]), [[0, 0, 0]])


@pytest.mark.parametrize("axis", [-1, 0])
def test_softmax_of_an_empty_batch(axis: int) -> None:
    """Is empty, along either axis."""
    softmax = Softmax(axis)
    assert softmax.backward(softmax.forward(np.ones((0, 3)))).shape == (0, 3)


def test_softmax_needs_its_axis() -> None:
    """NumPy's AxisError is a ValueError that names it."""
    with pytest.raises(ValueError, match="axis 1 is out of bounds"):
        Softmax(axis=1).forward([1.0, 2.0])
