"""Pooling against pixel by pixel loops; ties, padding, rounding up, edges and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from layers.pooling import AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from tests.reference_layers import naive_windows

RNG = np.random.default_rng(46)
EVERY = [MaxPool1d, MaxPool2d, AvgPool1d, AvgPool2d]
quickly = settings(max_examples=100, deadline=None, derandomize=True)
every_pool = pytest.mark.parametrize("layer", EVERY)


def pairs(least: int, most: int) -> Any:
    return st.tuples(st.integers(least, most), st.integers(least, most))


def images(layer: Any, *lead: int) -> Any:
    return RNG.standard_normal((*lead, *[5] * (2 if layer in (MaxPool2d, AvgPool2d) else 1)))


def test_known_maxima() -> None:
    """Small integers, worked by hand; the last row is left over."""
    pool = MaxPool2d(2)
    x = [[[[1.0, 9.0, 3.0, 4.0], [5.0, 6.0, 8.0, 7.0], [0.0, 99.0, 0.0, 0.0]]]]
    np.testing.assert_array_equal(pool.forward(x), [[[[9, 8]]]])
    dx = [[[[0, 2, 0, 0], [0, 0, 3, 0], [0, 0, 0, 0]]]]
    np.testing.assert_array_equal(pool.backward([[[[2.0, 3.0]]]]), dx)


def test_known_means() -> None:
    """Overlapping windows: the middle pixel is in both."""
    pool = AvgPool2d((2, 3), stride=(1, 2))
    x = [[[[1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 2.0, 3.0, 4.0, 6.0]]]]
    np.testing.assert_allclose(pool.forward(x), [[[[2, 25 / 6]]]])
    dx = [[[[1, 1, 3, 2, 2], [1, 1, 3, 2, 2]]]]
    np.testing.assert_allclose(pool.backward([[[[6.0, 12.0]]]]), dx)


@quickly
@given(
    lead=pairs(1, 2),
    image=pairs(1, 6),
    size=pairs(1, 4),
    stride=pairs(1, 5),
    pad=pairs(0, 3),
    ceil=st.booleans(),
    tied=st.booleans(),
)
def test_max_pool_is_the_loop(
    lead: Any, image: Any, size: Any, stride: Any, pad: Any, ceil: bool, tied: bool
) -> None:
    """With ties and without; windows that overlap, leave gaps, or reach beyond the image."""
    assume(all(p < k for p, k in zip(pad, size, strict=True)))
    x = RNG.standard_normal((*lead, *image))
    x = np.round(x) if tied else x
    shape = naive_windows.pool_shape(x.shape, size, stride, pad, ceil)
    assume(0 not in shape)
    dout = RNG.standard_normal(shape)
    pool = MaxPool2d(size, stride, pad, ceil)
    y, dx = naive_windows.max_pool(x, dout, size, stride, pad, ceil)
    np.testing.assert_array_equal(pool.forward(x), y)
    np.testing.assert_allclose(pool.backward(dout), dx, rtol=1e-12, atol=1e-14)


@quickly
@given(
    lead=pairs(1, 2),
    image=pairs(1, 6),
    size=pairs(1, 4),
    stride=pairs(1, 5),
    pad=pairs(0, 3),
    ceil=st.booleans(),
    count_pad=st.booleans(),
)
def test_avg_pool_is_the_loop(
    lead: Any, image: Any, size: Any, stride: Any, pad: Any, ceil: bool, count_pad: bool
) -> None:
    """Whether the padding counts or not; what lies beyond it never counts."""
    assume(all(p < k for p, k in zip(pad, size, strict=True)))
    x = RNG.standard_normal((*lead, *image))
    shape = naive_windows.pool_shape(x.shape, size, stride, pad, ceil)
    assume(0 not in shape)
    dout = RNG.standard_normal(shape)
    pool = AvgPool2d(size, stride, pad, ceil, count_pad)
    y, dx = naive_windows.avg_pool(x, dout, size, stride, pad, ceil, count_pad)
    np.testing.assert_allclose(pool.forward(x), y, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(pool.backward(dout), dx, rtol=1e-12, atol=1e-14)


@quickly
@given(st.integers(1, 9), st.integers(1, 4), st.integers(1, 5), st.integers(0, 3), st.booleans())
def test_the_forms_tell_the_number_of_windows(
    H: int, size: int, stride: int, pad: int, ceil: bool
) -> None:
    """Wherever the constraints hold."""
    x = np.zeros((1, 1, H))
    assume(pad < size and H + 2 * pad >= size)
    assume(ceil * ((H + 2 * pad - size + stride - 1) // stride * stride) < H + pad)
    told = (H + 2 * pad - size + ceil * (stride - 1)) // stride + 1
    assert MaxPool1d(size, stride, pad, ceil).forward(x).shape == (1, 1, told)
    assert AvgPool1d(size, stride, pad, ceil).forward(x).shape == (1, 1, told)


@pytest.mark.parametrize("layers", [(MaxPool1d, MaxPool2d), (AvgPool1d, AvgPool2d)])
def test_one_dimension_is_one_row(layers: Any) -> None:
    """Pooling of a signal is that of an image of one column."""
    x = RNG.standard_normal((3, 2, 9))
    signal, image = layers[0](3, 2, 1, True), layers[1]((3, 1), (2, 1), (1, 0), True)
    y = signal.forward(x)
    np.testing.assert_array_equal(y, image.forward(x[..., None])[..., 0])
    np.testing.assert_array_equal(signal.backward(y), image.backward(y[..., None])[..., 0])


def test_among_equals_the_first_takes_all() -> None:
    """In row-major order, and anew in each window."""
    pool = MaxPool2d(2, stride=1)
    pool.forward(np.zeros((1, 1, 2, 3)))
    np.testing.assert_array_equal(pool.backward([[[[1.0, 2.0]]]]), [[[[1, 2, 0], [0, 0, 0]]]])


@pytest.mark.parametrize("value", [-np.inf, np.nan, np.inf, -1e308])
def test_a_constant_image_of_extremes(value: float) -> None:
    """The padding is never chosen, not even where every pixel is -inf."""
    pool = MaxPool2d(2, pad=1, ceil=True)
    y = pool.forward(np.full((1, 1, 3, 3), value))
    np.testing.assert_array_equal(y, np.full((1, 1, 3, 3), value)[:, :, : y.shape[2], : y.shape[3]])
    dx = pool.backward([[[[1.0, 2.0], [3.0, 4.0]]]])
    np.testing.assert_array_equal(dx, [[[[1, 2, 0], [3, 4, 0], [0, 0, 0]]]])


def test_nan_is_passed_on() -> None:
    """From the windows that hold it; the first of several gets the gradient."""
    pool = MaxPool2d(2)
    y = pool.forward([[[[1.0, np.nan, 2.0, 3.0], [np.nan, np.inf, 4.0, 5.0]]]])
    np.testing.assert_array_equal(y, [[[[np.nan, 5]]]])
    dx = pool.backward([[[[1.0, 1.0]]]])
    np.testing.assert_array_equal(dx, [[[[0, 1, 0, 0], [0, 0, 0, 1]]]])


def test_an_infinite_gradient_stays_in_its_place() -> None:
    """The pixels that were not chosen get zero, not nan."""
    pool = MaxPool2d(2)
    pool.forward([[[[1.0, 2.0], [3.0, 4.0]]]])
    np.testing.assert_array_equal(pool.backward([[[[np.inf]]]]), [[[[0, 0], [0, np.inf]]]])


@every_pool
def test_pixels_in_no_window_get_zero(layer: Any) -> None:
    """Those between windows, where the stride is larger than the size, and those left over."""
    pool = layer(1, stride=3)
    x = images(layer, 1, 1)
    y = pool.forward(x)
    dx = pool.backward(np.ones_like(y))
    seen = np.zeros(5)
    seen[[0, 3]] = 1
    np.testing.assert_array_equal(dx[0, 0], seen if dx.ndim == 3 else np.outer(seen, seen))


@every_pool
def test_windows_of_one_pixel_are_the_identity(layer: Any) -> None:
    """Size one, stride one."""
    x = images(layer, 2, 3)
    pool = layer(1)
    np.testing.assert_array_equal(pool.forward(x), x)
    np.testing.assert_array_equal(pool.backward(x), x)


@every_pool
def test_stride_is_the_size_unless_given(layer: Any) -> None:
    """Windows side by side."""
    assert layer(3).stride == layer(3).size == layer(3, stride=3).stride


@every_pool
def test_empty_batch_and_other_batch_sizes(layer: Any) -> None:
    """The shapes hold, and each call stands for itself."""
    pool = layer(3, stride=2, pad=1)
    x = images(layer, 3, 2)
    y = pool.forward(x)
    dx = pool.backward(y)
    for part in (slice(0, 0), slice(1, 2), slice(1, 3)):
        np.testing.assert_array_equal(pool.forward(x[part]), y[part])
        np.testing.assert_array_equal(pool.backward(y[part]), dx[part])
    assert pool.forward(x[:, :0]).shape == (3, 0, *y.shape[2:])
    assert pool.backward(y[:, :0]).shape == dx[:, :0].shape


@every_pool
@pytest.mark.parametrize("size", [1e-8, 1e8])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extremes_scale(layer: Any, size: float, dtype: Any) -> None:
    """Pooling is homogeneous."""
    x = images(layer, 2, 3)
    y = layer(2).forward((size * x).astype(dtype))
    assert y.dtype == dtype
    np.testing.assert_allclose(y / size, layer(2).forward(x), rtol=1e-5, atol=1e-6)


def test_mean_lets_complex_numbers_through() -> None:
    """It is linear."""
    x = RNG.standard_normal((1, 2, 4, 4)) + 1j * RNG.standard_normal((1, 2, 4, 4))
    pool = AvgPool2d(3, pad=1, stride=1)
    y = pool.forward(x)
    np.testing.assert_allclose(y, pool.forward(x.real) + 1j * pool.forward(x.imag))
    pool.forward(x)
    assert pool.backward(y).dtype == complex


@every_pool
def test_no_window_is_refused(layer: Any) -> None:
    """Unless rounding up makes one that reaches beyond the image."""
    x = images(layer, 1, 1)
    with pytest.raises(ValueError, match=r"has no window of size \((6, )?6,?\)"):
        layer(6, stride=1).forward(x)
    with pytest.raises(ValueError, match="has no window"):
        layer(6, stride=1, ceil=True).forward(x)
    assert layer(6, ceil=True).forward(x).size == 1
    with pytest.raises(ValueError, match="has no window"):
        layer(2, pad=1).forward(x[..., :0])


@every_pool
def test_options_and_axes_are_checked(layer: Any) -> None:
    """The error names the layer."""
    name = layer.__name__
    with pytest.raises(ValueError, match=f"{name}: pad must be less than size, or a window may"):
        layer(2, pad=2)
    with pytest.raises(ValueError, match=f"{name}: size must be a whole number of at least 1"):
        layer(0)
    with pytest.raises(ValueError, match=f"{name}: stride must be a whole number of at least 1"):
        layer(2, stride=0)
    with pytest.raises(ValueError, match=rf"{name}.forward: x must have shape \(N, C, H"):
        layer(2).forward(np.ones((5, 5)))
