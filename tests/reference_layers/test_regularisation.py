"""Dropout: what is dropped, how often, and that forward and backward drop the same."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.dropout import Dropout, Dropout2d

SHAPES = st.lists(st.integers(0, 4), max_size=4).map(tuple)
IMAGES = st.lists(st.integers(0, 4), min_size=4, max_size=4).map(tuple)


@given(SHAPES, st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0]), st.booleans(), st.integers(0, 99))
def test_dropout_is_the_loop(shape: Any, p: float, training: bool, seed: int) -> None:
    """One draw for each element, in the order of memory; backward takes the same."""
    rng = np.random.default_rng(seed)
    x, dout = rng.standard_normal((2, *shape))
    layer, draws = Dropout(p, training, rng=seed), np.random.default_rng(seed)
    y, dx = np.zeros(shape), np.zeros(shape)
    for index in np.ndindex(*shape):
        if not training:
            y[index], dx[index] = x[index], dout[index]
        elif draws.random() >= p:
            y[index], dx[index] = x[index] / (1 - p), dout[index] / (1 - p)
    np.testing.assert_array_equal(layer.forward(x), y)
    np.testing.assert_array_equal(layer.backward(dout), dx)


@given(IMAGES, st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.booleans(), st.integers(0, 99))
def test_dropout2d_is_the_loop(shape: Any, p: float, training: bool, seed: int) -> None:
    """One draw for each channel of each image."""
    rng = np.random.default_rng(seed)
    x, dout = rng.standard_normal((2, *shape))
    layer, draws = Dropout2d(p, training, rng=seed), np.random.default_rng(seed)
    y, dx = np.zeros(shape), np.zeros(shape)
    for n, c in np.ndindex(*shape[:2]):
        if not training:
            y[n, c], dx[n, c] = x[n, c], dout[n, c]
        elif draws.random() >= p:
            y[n, c], dx[n, c] = x[n, c] / (1 - p), dout[n, c] / (1 - p)
    np.testing.assert_array_equal(layer.forward(x), y)
    np.testing.assert_array_equal(layer.backward(dout), dx)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_share_and_mean(p: float) -> None:
    """A share p is dropped, and the mean stays: that is what the division is for."""
    y = Dropout(p, rng=3).forward(np.ones(100_000))
    assert np.mean(y == 0) == pytest.approx(p, abs=0.01)
    assert np.mean(y) == pytest.approx(1, abs=0.02)
    np.testing.assert_allclose(y[y != 0], 1 / (1 - p))


def test_channels_go_as_a_whole() -> None:
    y = Dropout2d(0.5, rng=3).forward(np.ones((50, 40, 3, 2)))
    assert np.all(y == y[:, :, :1, :1])
    assert np.mean(y == 0) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("layer", [Dropout, Dropout2d])
def test_each_forward_draws_anew(layer: Any) -> None:
    """A layer made anew with the same seed repeats the whole sequence, another seed does not."""
    x = np.ones((4, 5, 1, 1))
    one, two, other = layer(rng=7), layer(rng=7), layer(rng=8)
    first, second = one.forward(x), one.forward(x)
    assert (first != second).any()
    np.testing.assert_array_equal(first, two.forward(x))
    np.testing.assert_array_equal(second, two.forward(x))
    assert (first != other.forward(x)).any()


def test_layers_may_share_a_generator() -> None:
    """Which goes on, so their masks differ."""
    shared = np.random.default_rng(7)
    one, two = Dropout(rng=shared), Dropout(rng=shared)
    assert (one.forward(np.ones(50)) != two.forward(np.ones(50))).any()


def test_backward_takes_the_mask_of_the_last_forward() -> None:
    """Also when the options have changed since, and however often it is asked."""
    layer = Dropout(0.5, rng=1)
    layer.forward(np.ones(30))
    y = layer.forward(np.ones(20))
    layer.training, layer.p = False, 0.9
    np.testing.assert_array_equal(layer.backward(np.ones(20)), y)
    np.testing.assert_array_equal(layer.backward(np.ones(20)), y)


def test_training_can_be_switched() -> None:
    """Without a draw: the masks that follow are the same."""
    one, two = Dropout(rng=1), Dropout(rng=1)
    one.training = False
    np.testing.assert_array_equal(one.forward(np.arange(9.0)), np.arange(9.0))
    one.training = True
    np.testing.assert_array_equal(one.forward(np.ones(9)), two.forward(np.ones(9)))


def test_what_is_dropped_is_zero_whatever_it_was() -> None:
    """Infinite and nan too, with p = 1 all of it; warnings are errors here."""
    layer = Dropout(1.0)
    np.testing.assert_array_equal(layer.forward([np.inf, np.nan, -1.0]), [0, 0, 0])
    np.testing.assert_array_equal(layer.backward([np.nan, np.inf, 1.0]), [0, 0, 0])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_the_mask_is_the_same_in_every_dtype(dtype: Any) -> None:
    y = Dropout(0.5, rng=2).forward(np.ones(40, dtype))
    np.testing.assert_array_equal(y, Dropout(0.5, rng=2).forward(np.ones(40)))


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_p_is_a_probability(p: float) -> None:
    with pytest.raises(ValueError, match=r"Dropout2d: p must lie in \[0, 1\], got"):
        Dropout2d(p)


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 4), (2, 3, 4, 5, 6), ()])
def test_images_have_four_axes(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"Dropout2d.forward: x must have shape \(N, C, H, W\)"):
        Dropout2d().forward(np.ones(shape))
