"""Resampling against pixel by pixel loops; known values, edges and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.resampling import (
    AdaptiveAvgPool2d,
    Downsample,
    GlobalAvgPool,
    UpsampleBilinear,
    UpsampleNearest,
)
from tests.reference_layers import naive_windows

RNG = np.random.default_rng(47)
EVERY = [AdaptiveAvgPool2d, Downsample, GlobalAvgPool, UpsampleBilinear, UpsampleNearest]
every_layer = pytest.mark.parametrize("layer", EVERY)
quickly = settings(max_examples=60, deadline=None, derandomize=True)
pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))
images = st.tuples(*[st.integers(1, 2)] * 2, *[st.integers(1, 6)] * 2)


def mean_weights(length: int, count: int) -> Any:
    weights = np.zeros((count, length))
    for p in range(count):
        first, last = int(np.floor(p * length / count)), int(np.ceil((p + 1) * length / count))
        weights[p, first:last] = 1 / (last - first)
    return weights


def linear_weights(length: int, factor: int) -> Any:
    """Each row of the result is the interpolation at one point."""
    points = (np.arange(factor * length) + 0.5) / factor - 0.5
    units = np.eye(length)
    return np.stack([np.interp(points, np.arange(length), unit) for unit in units], axis=1)


def nearest_weights(length: int, factor: int) -> Any:
    return np.repeat(np.eye(length), factor, axis=0)


def every_weights(length: int, factor: int) -> Any:
    return np.eye(length)[::factor]


@pytest.mark.parametrize(
    ("layer", "weights"),
    [
        (AdaptiveAvgPool2d, mean_weights),
        (UpsampleBilinear, linear_weights),
        (UpsampleNearest, nearest_weights),
        (Downsample, every_weights),
    ],
)
@quickly
@given(shape=images, factor=pairs)
def test_weights_of_every_pixel(layer: Any, weights: Any, shape: Any, factor: Any) -> None:
    """Forward and backward are the same weighted sums, one way and the other."""
    A, B = (weights(shape[2 + axis], factor[axis]) for axis in (0, 1))
    x, dout = RNG.standard_normal(shape), RNG.standard_normal((*shape[:2], len(A), len(B)))
    one = layer(factor)
    y, dx = naive_windows.weighted(x, dout, A, B)
    np.testing.assert_allclose(one.forward(x), y, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(one.backward(dout), dx, rtol=1e-11, atol=1e-13)


def test_known_values_of_nearest() -> None:
    """Rows twice, columns three times; the gradient sums over the block."""
    up = UpsampleNearest((2, 3))
    np.testing.assert_array_equal(up.forward([[[[1.0, 2.0]]]]), [[[[1, 1, 1, 2, 2, 2]] * 2]])
    dout = [[[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [0.0, 0.0, 1.0, 0.0, 0.0, 2.0]]]]
    np.testing.assert_array_equal(up.backward(dout), [[[[7, 17]]]])


def test_known_values_of_bilinear() -> None:
    """A quarter and three quarters between two pixels, and no change beyond them."""
    up = UpsampleBilinear((1, 2))
    np.testing.assert_array_equal(up.forward([[[[0.0, 4.0]]]]), [[[[0, 1, 3, 4]]]])
    np.testing.assert_array_equal(up.backward([[[[1.0, 4.0, 8.0, 2.0]]]]), [[[[6, 9]]]])


def test_known_values_of_downsampling() -> None:
    """The first row and column are kept; the others get zero."""
    down = Downsample((1, 2))
    np.testing.assert_array_equal(down.forward([[[[1.0, 2.0, 3.0]]]]), [[[[1, 3]]]])
    np.testing.assert_array_equal(down.backward([[[[5.0, 7.0]]]]), [[[[5, 0, 7]]]])


def test_known_values_of_adaptive_means() -> None:
    """Three pixels in two windows: the middle one is in both."""
    pool = AdaptiveAvgPool2d((1, 2))
    np.testing.assert_array_equal(pool.forward([[[[1.0, 3.0, 5.0]]]]), [[[[2, 4]]]])
    np.testing.assert_array_equal(pool.backward([[[[2.0, 6.0]]]]), [[[[1, 4, 3]]]])


@pytest.mark.parametrize("image", [(1,), (6,), (2, 3), (1, 1), (2, 1, 2)])
def test_global_mean(image: tuple[int, ...]) -> None:
    """Over all pixels, whatever the number of axes; the same share for each."""
    x, pool = RNG.standard_normal((3, 2, *image)), GlobalAvgPool()
    np.testing.assert_allclose(pool.forward(x), x.reshape(3, 2, -1).mean(axis=2))
    dout = RNG.standard_normal((3, 2))
    shares = np.repeat(dout[:, :, None] / np.prod(image), np.prod(image), axis=2)
    np.testing.assert_allclose(pool.backward(dout).reshape(3, 2, -1), shares)


def test_global_mean_of_a_large_image_in_half_precision() -> None:
    """More pixels than float16 can count."""
    pool = GlobalAvgPool()
    np.testing.assert_array_equal(pool.forward(np.ones((1, 1, 256, 512), np.float16)), [[1]])
    assert pool.backward(np.array([[128.0]]))[0, 0, 3, 4] == 2**-10


def test_one_window_of_all_is_the_global_mean() -> None:
    """AdaptiveAvgPool2d(1), and as many windows as pixels are the identity."""
    x = RNG.standard_normal((2, 3, 4, 5))
    y = AdaptiveAvgPool2d(1).forward(x)
    np.testing.assert_allclose(y[:, :, 0, 0], GlobalAvgPool().forward(x), rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(AdaptiveAvgPool2d((4, 5)).forward(x), x)


@pytest.mark.parametrize("layer", [UpsampleBilinear, UpsampleNearest, AdaptiveAvgPool2d])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_constant_images_stay_constant(layer: Any, dtype: Any) -> None:
    """The weights of every output pixel sum to one, in long rows and half precision too."""
    y = layer(3).forward(np.full((1, 1, 1, 1100), 0.5, dtype))
    assert y.dtype == dtype
    np.testing.assert_allclose(y, 0.5, rtol=1e-2 if dtype == np.float16 else 1e-4)


@every_layer
def test_empty_batch_and_other_batch_sizes(layer: Any) -> None:
    """The shapes hold, and each call stands for itself."""
    x, one = RNG.standard_normal((3, 2, 4, 5)), layer()
    y = one.forward(x)
    dx = one.backward(y)
    for part in (slice(0, 0), slice(1, 2), slice(1, 3)):
        np.testing.assert_array_equal(one.forward(x[part]), y[part])
        np.testing.assert_array_equal(one.backward(y[part]), dx[part])
    assert one.forward(x[:, :0]).shape == y[:, :0].shape
    assert one.backward(y[:, :0]).shape == dx[:, :0].shape


@every_layer
@pytest.mark.parametrize("size", [1e-8, 1e8])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extremes_scale(layer: Any, size: float, dtype: Any) -> None:
    """All of these are linear."""
    x = RNG.standard_normal((2, 3, 4, 5))
    y = layer().forward((size * x).astype(dtype))
    assert y.dtype == dtype
    np.testing.assert_allclose(y / size, layer().forward(x), rtol=1e-5, atol=1e-6)


@every_layer
def test_complex_numbers_pass_through(layer: Any) -> None:
    """As in every linear layer."""
    x = RNG.standard_normal((2, 1, 2, 4, 5))
    one = layer()
    parts = one.forward(x[0]) + 1j * one.forward(x[1])
    y = one.forward(x[0] + 1j * x[1])
    np.testing.assert_allclose(y, parts)
    assert one.backward(y).dtype == complex


@every_layer
@pytest.mark.parametrize("shape", [(4, 5), (), (3,)])
def test_input_must_have_its_axes(layer: Any, shape: tuple[int, ...]) -> None:
    """The error names the layer and the shape."""
    with pytest.raises(ValueError, match=rf"{layer.__name__}.forward: x must have shape \(N, C, H"):
        layer().forward(np.ones(shape))


@pytest.mark.parametrize("layer", [GlobalAvgPool, AdaptiveAvgPool2d, UpsampleBilinear])
def test_images_without_pixels_are_refused(layer: Any) -> None:
    """A mean of nothing is nothing."""
    with pytest.raises(ValueError, match="pixels"):
        layer().forward(np.ones((1, 1, 0, 3)))


@pytest.mark.parametrize("layer", [Downsample, UpsampleNearest])
def test_images_without_pixels_stay_so(layer: Any) -> None:
    """Where nothing is asked of them."""
    one = layer()
    y = one.forward(np.ones((1, 1, 0, 4)))
    assert y.shape == (1, 1, 0, 2 if layer is Downsample else 8)
    assert one.backward(y).shape == (1, 1, 0, 4)


@pytest.mark.parametrize("layer", [Downsample, UpsampleNearest, UpsampleBilinear])
def test_factor_is_a_whole_number(layer: Any) -> None:
    """Of at least one, for both axes or each."""
    for factor in (0, 1.5, (1, 2, 3), (2, 0)):
        with pytest.raises(ValueError, match=f"{layer.__name__}: factor must be a whole number"):
            layer(factor)
