"""The small convolutional network: two gradients that agree, and training that learns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layers.convolutional_net import ConvNet

NAMES = ["W1", "b1", "W2", "b2", "W3", "b3"]


def conv_net(**options: Any) -> tuple[ConvNet, Any, Any]:
    """Draw a small network whose biases are not zero, and a batch for it."""
    rng = np.random.default_rng(48)
    net = ConvNet((2, 6, 5), 3, (3, 2), 4, 3, rng=rng, **options)
    for name in ("b1", "b2", "b3"):
        net.params[name] += 0.1 * rng.standard_normal(net.params[name].shape)
    return net, rng.standard_normal((5, 2, 6, 5)), rng.integers(0, 3, 5)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("one_hot", [False, True])
def test_two_gradients_agree(name: str, one_hot: bool) -> None:
    """Backpropagation and differences, relative to the size of the gradient."""
    net, x, t = conv_net()
    t = np.eye(3)[t] if one_hot else t
    exact, numeric = net.gradient(x, t)[name], net.numerical_gradient(x, t)[name]
    assert exact.shape == net.params[name].shape
    assert np.linalg.norm(exact - numeric) < 1e-8 * np.linalg.norm(exact)


@pytest.mark.parametrize(
    ("options", "features"),
    [
        ({}, 3 * 2 * 2),
        ({"pad": 1}, 3 * 3 * 3),
        ({"stride": (1, 2), "pool": 1}, 3 * 4 * 2),
        ({"pad": (1, 0), "pool": (3, 2)}, 3 * 2 * 2),
    ],
)
def test_options_reach_the_layers(options: Any, features: int) -> None:
    """The first affine layer takes what pooling leaves."""
    net, x, t = conv_net(**options)
    assert net.params["W2"].shape == (features, 4)
    exact, numeric = net.gradient(x, t), net.numerical_gradient(x, t)
    for name in NAMES:
        np.testing.assert_allclose(exact[name], numeric[name], rtol=1e-6, atol=1e-9)


def test_differentiation_can_be_replaced() -> None:
    """Any function of (f, array) will do; it is given the parameters themselves."""
    net, x, t = conv_net()
    seen = []

    def differentiate(f: Any, array: Any) -> Any:
        seen.append(array)
        return np.full_like(array, f(array))

    gradient = net.numerical_gradient(x, t, differentiate=differentiate)
    assert list(gradient) == list(net.params) == NAMES
    assert all(one is two for one, two in zip(seen, net.params.values(), strict=True))
    np.testing.assert_array_equal(gradient["b3"], net.loss(x, t))


def test_training_learns_the_batch() -> None:
    """Five samples are soon known by heart."""
    net, x, t = conv_net()
    before = net.loss(x, t)
    for _ in range(100):
        for name, gradient in net.gradient(x, t).items():
            net.params[name] -= 0.1 * gradient
    assert net.loss(x, t) < before / 10
    assert net.accuracy(x, t) == net.accuracy(x, np.eye(3)[t]) == 1


def test_parameters_can_be_rebound() -> None:
    """A new array takes effect at once."""
    net, x, _ = conv_net()
    net.params["W3"] = np.zeros((4, 3))
    net.params["b3"] = np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(net.predict(x), [[1, 2, 3]] * 5)


def test_weights_are_those_of_he_and_repeatable() -> None:
    """Variance 2 / inputs; biases zero; the generator decides the draw."""
    one, two = (ConvNet((4, 9, 9), 32, 5, 60, 9, rng=np.random.default_rng(49)) for _ in range(2))
    np.testing.assert_equal(one.params, two.params)
    inputs = {"W1": 4 * 25, "W2": 32 * 2 * 2, "W3": 60}
    for name, number in inputs.items():
        assert one.params[name].std() == pytest.approx(np.sqrt(2 / number), rel=0.1)
    assert not any(one.params[name].any() for name in ("b1", "b2", "b3"))
    assert ConvNet((1, 4, 4), 2, 3, 3, 2).params["W1"].shape == (2, 1, 3, 3)


def test_empty_batch() -> None:
    """No loss, no hits, no gradient."""
    net, x, t = conv_net()
    assert net.predict(x[:0]).shape == (0, 3)
    assert net.loss(x[:0], t[:0]) == net.accuracy(x[:0], t[:0]) == 0
    assert not any(gradient.any() for gradient in net.gradient(x[:0], t[:0]).values())


def test_images_must_fit() -> None:
    """At construction already, where nothing would be left of them."""
    with pytest.raises(ValueError, match="smaller than the kernel"):
        ConvNet((1, 2, 2), 1, 3, 2, 2)
    with pytest.raises(ValueError, match="no window"):
        ConvNet((1, 3, 3), 1, 3, 2, 2)
