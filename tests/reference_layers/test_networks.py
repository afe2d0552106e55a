"""Layers put together, and the textbook difference they are checked against."""

from typing import Any

import numpy as np
import pytest

from layers import Affine, ReLU, Sequential, Sigmoid, TwoLayerNet, central_difference


def two_layer_net() -> tuple[TwoLayerNet, Any, Any]:
    """Draw a small network whose biases are not zero, and a batch for it."""
    rng = np.random.default_rng(9)
    net = TwoLayerNet(4, 5, 3, weight_scale=1.0, rng=rng)
    net.params["b1"] += rng.standard_normal(5)
    return net, rng.standard_normal((6, 4)), rng.integers(0, 3, 6)


def chain() -> Sequential:
    """A chain within a chain."""
    rng = np.random.default_rng(10)
    first = Affine(rng.standard_normal((4, 3)), rng.standard_normal(3))
    second = Affine(rng.standard_normal((3, 2)), rng.standard_normal(2))
    return Sequential(first, ReLU(), Sequential(second, Sigmoid()))


def test_sequential_gradients_are_those_of_differences() -> None:
    """Of the input and of every parameter."""
    network = chain()
    x, dout = np.random.default_rng(11).standard_normal((5, 4)), np.linspace(-1, 2, 10)

    def weighted(_: Any) -> Any:
        return np.sum(network.forward(x).ravel() * dout)

    network.forward(x)
    dx = network.backward(dout.reshape(5, 2))
    gradients = {"x": dx, **network.gradients_by_name}
    for name, array in {"x": x, **network.parameters_by_name}.items():
        numeric = central_difference(weighted, array)
        np.testing.assert_allclose(gradients[name], numeric, rtol=1e-7, atol=1e-9, err_msg=name)


def test_sequential_names_parameters_by_position() -> None:
    """And shares them with the layers."""
    network = chain()
    assert list(network.parameters_by_name) == ["0.W", "0.b", "2.0.W", "2.0.b"]
    assert network.parameters_by_name["0.W"] is network.layers[0].W  # type: ignore[attr-defined]


def test_sequential_of_nothing_is_a_copy() -> None:
    """The identity does not alias its argument."""
    x = np.ones(3)
    network = Sequential()
    assert not np.shares_memory(network.forward(x), x)
    assert not np.shares_memory(network.backward(x), x)


@pytest.mark.parametrize("name", ["W1", "b1", "W2", "b2"])
@pytest.mark.parametrize("one_hot", [False, True])
def test_two_gradients_agree(name: str, one_hot: bool) -> None:
    """Backpropagation and differences, relative to the size of the gradient."""
    net, x, t = two_layer_net()
    t = np.eye(3)[t] if one_hot else t
    exact, numeric = net.gradient(x, t)[name], net.numerical_gradient(x, t)[name]
    assert np.linalg.norm(exact - numeric) < 1e-9 * np.linalg.norm(exact)


def test_differentiation_can_be_replaced() -> None:
    """Any function of (f, array) will do; it is given the parameters themselves."""
    net, x, t = two_layer_net()
    seen = []

    def differentiate(f: Any, array: Any) -> Any:
        seen.append(array)
        return np.full_like(array, f(array))

    gradient = net.numerical_gradient(x, t, differentiate=differentiate)
    assert all(one is two for one, two in zip(seen, net.params.values(), strict=True))
    np.testing.assert_array_equal(gradient["b2"], net.loss(x, t))


def test_numerical_gradient_leaves_the_parameters() -> None:
    """Exactly as they were."""
    net, x, t = two_layer_net()
    before = {name: array.copy() for name, array in net.params.items()}
    net.numerical_gradient(x, t)
    np.testing.assert_equal(net.params, before)


def test_a_training_step_lowers_the_loss() -> None:
    """By the updates in place that every textbook writes."""
    net, x, t = two_layer_net()
    before = net.loss(x, t)
    for name, gradient in net.gradient(x, t).items():
        net.params[name] -= 0.1 * gradient
    assert net.loss(x, t) < before


def test_training_learns_the_batch() -> None:
    """Six samples are soon known by heart."""
    net, x, t = two_layer_net()
    for _ in range(300):
        for name, gradient in net.gradient(x, t).items():
            net.params[name] -= 0.5 * gradient
    assert net.accuracy(x, t) == net.accuracy(x, np.eye(3)[t]) == 1


def test_parameters_can_be_rebound() -> None:
    """A new array takes effect at once."""
    net, x, _ = two_layer_net()
    net.params["W2"] = np.zeros((5, 3))
    net.params["b2"] = np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(net.predict(x), [[1, 2, 3]] * 6)


def test_network_starts_small_and_repeatable() -> None:
    """The scale is the standard deviation, and the generator decides the draw."""
    one, two = (TwoLayerNet(50, 40, 3, rng=np.random.default_rng(12)) for _ in range(2))
    assert one.params["W1"].std() == pytest.approx(0.01, rel=0.1)
    np.testing.assert_equal(one.params, two.params)


def test_empty_batch() -> None:
    """No loss, no hits, no gradient."""
    net, x, t = two_layer_net()
    assert net.loss(x[:0], t[:0]) == net.accuracy(x[:0], t[:0]) == 0
    assert not any(gradient.any() for gradient in net.gradient(x[:0], t[:0]).values())


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_central_difference_of_a_cubic(dtype: type[np.floating[Any]]) -> None:
    """To two thirds of the digits, in the dtype of the array."""
    x: Any = np.array([[-1.5, 0.5], [0.0, 20.0]], dtype)
    tolerance = float(20 * np.finfo(dtype).eps ** (2 / 3))
    gradient = central_difference(lambda a: np.sum(a**3), x[:, :1])
    assert gradient.dtype == dtype
    np.testing.assert_allclose(gradient, 3 * x[:, :1] ** 2, rtol=tolerance, atol=tolerance)


def test_central_difference_restores_after_an_error() -> None:
    """The element that was being moved is put back."""
    x = np.array([0.1, 0.2])

    def fail(_: Any) -> Any:
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        central_difference(fail, x)
    np.testing.assert_array_equal(x, [0.1, 0.2])
