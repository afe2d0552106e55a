"""Activations: known values, large arguments, and what they are composed of."""

from typing import Any

import numpy as np
import pytest

from layers import Add, Div, Exp, Log, Mul, ReLU, Sigmoid, Softmax
from layers.activations import LogSoftmax, Tanh


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


def test_tanh_known_values() -> None:
    """Where e^x is 2, tanh is (2 - 1/2) / (2 + 1/2) = 0.6 and its slope 1 - 0.36."""
    tanh = Tanh()
    np.testing.assert_allclose(tanh.forward([np.log(2.0), 0.0, -np.log(2.0)]), [0.6, 0, -0.6])
    np.testing.assert_allclose(tanh.backward([1.0, -2.0, 1.0]), [0.64, -2, 0.64])


def test_tanh_is_a_scaled_sigmoid() -> None:
    """tanh x = 2 sigmoid(2x) - 1, forward and backward."""
    x, dout = np.random.default_rng(6).standard_normal((2, 4, 5))
    tanh, sigmoid = Tanh(), Sigmoid()
    np.testing.assert_allclose(tanh.forward(x), 2 * sigmoid.forward(2 * x) - 1, rtol=1e-13)
    np.testing.assert_allclose(tanh.backward(dout), 4 * sigmoid.backward(dout), rtol=1e-13)


def test_slope_of_tanh_keeps_its_digits() -> None:
    """At 40 the output is one to the last bit, and 1 - y^2 would be zero."""
    tanh = Tanh()
    assert tanh.forward(40.0) == 1
    np.testing.assert_allclose(tanh.backward(1.0), 4 * np.exp(-80.0), rtol=1e-14)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_tanh_of_large_arguments(dtype: type) -> None:
    """One and flat, up to the largest number there is."""
    tanh, largest = Tanh(), np.finfo(dtype).max
    x: Any = np.array([-largest, -1e4, 1e4, largest], dtype)
    np.testing.assert_array_equal(tanh.forward(x), [-1, -1, 1, 1])
    np.testing.assert_allclose(tanh.backward(np.ones(4)), 0, atol=1e-300)


@pytest.mark.parametrize("layer", [Tanh(), LogSoftmax(), LogSoftmax(axis=0)])
def test_complex_step(layer: Any) -> None:
    """These formulas are analytic: Im f(x + i h v) / h is the derivative along v."""
    rng = np.random.default_rng(7)
    x, v, dout = rng.standard_normal((3, 4, 5))
    along = layer.forward(x + 1e-30j * v).imag / 1e-30
    layer.forward(x)
    assert np.sum(dout * along) == pytest.approx(np.sum(layer.backward(dout) * v), rel=1e-13)


@pytest.mark.parametrize("axis", [-1, 0])
def test_log_softmax_is_the_chain(axis: int) -> None:
    """Softmax, then the logarithm, forward and backward."""
    x, dout = np.random.default_rng(8).standard_normal((2, 4, 5))
    softmax, log, both = Softmax(axis), Log(), LogSoftmax(axis)
    np.testing.assert_allclose(both.forward(x), log.forward(softmax.forward(x)), rtol=1e-13)
    chained = softmax.backward(log.backward(dout))
    np.testing.assert_allclose(both.backward(dout), chained, rtol=1e-12, atol=1e-14)


def test_log_softmax_of_far_apart_logits() -> None:
    """Finite where the probability underflows; warnings are errors here."""
    layer = LogSoftmax()
    y = layer.forward([[1e4, -1e4, 0.0], [7.0, 7.0, 7.0], [-1e8, 1e8, 1e8]])
    third, half = -np.log(3.0), -np.log(2.0)
    np.testing.assert_allclose(y, [[0, -2e4, -1e4], [third] * 3, [-2e8, half, half]])
    np.testing.assert_allclose(
        layer.backward([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]),
        [[-1, 1, 0], [2 / 3, -1 / 3, -1 / 3], [1, -0.5, -0.5]],
    )


def test_log_softmax_of_forbidden_classes() -> None:
    """A logit of -inf, as a mask leaves it, stays -inf and takes no part in the rest."""
    layer = LogSoftmax()
    np.testing.assert_allclose(
        layer.forward([0.0, -np.inf, 0.0]), [-np.log(2), -np.inf, -np.log(2)]
    )
    np.testing.assert_allclose(layer.backward([1.0, 0.0, 0.0]), [0.5, 0, -0.5])


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0), (1, 1)])
@pytest.mark.parametrize("axis", [-1, 0])
def test_log_softmax_of_nothing(shape: tuple[int, int], axis: int) -> None:
    """Empty along either axis, without a warning; a single class is certain."""
    layer = LogSoftmax(axis)
    y = layer.forward(np.ones(shape))
    assert y.shape == layer.backward(np.ones(shape)).shape == shape
    assert not y.any()


def test_log_softmax_needs_its_axis() -> None:
    with pytest.raises(ValueError, match="axis 1 is out of bounds"):
        LogSoftmax(axis=1).forward([1.0, 2.0])
