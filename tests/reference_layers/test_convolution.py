"""Convolutions against pixel by pixel loops; windows, options, edges and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from layers.convolution import Conv1d, Conv2d
from layers.transposed_convolution import ConvTranspose2d
from layers.windows import add_windows, windows
from tests.reference_layers import naive_windows

RNG = np.random.default_rng(44)
quickly = settings(max_examples=60, deadline=None, derandomize=True)


def pairs(least: int, most: int) -> Any:
    return st.tuples(st.integers(least, most), st.integers(least, most))


def upstream(y: Any) -> Any:
    return np.random.default_rng(45).standard_normal(y.shape)


def assert_all_close(ours: Any, theirs: Any) -> None:
    for one, two in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-11, atol=1e-12)


def test_known_values() -> None:
    """Small integers, worked by hand; the kernel is not flipped."""
    x = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])
    conv = Conv2d(np.array([[[[1.0, 10.0], [100.0, 1000.0]]]]), np.array([0.5]))
    np.testing.assert_array_equal(conv.forward(x), [[[[5421.5, 6532.5]]]])
    dx = conv.backward([[[[1.0, 2.0]]]])
    np.testing.assert_array_equal(dx, [[[[1, 12, 20], [100, 1200, 2000]]]])
    np.testing.assert_array_equal(conv.dW, [[[[5, 8], [14, 17]]]])
    np.testing.assert_array_equal(conv.db, [3])


def test_known_values_of_a_signal() -> None:
    """Stride two, one zero on each side."""
    conv = Conv1d(np.array([[[1.0, 2.0, 3.0]]]), stride=2, pad=1)
    np.testing.assert_array_equal(conv.forward([[[1.0, 2.0, 3.0, 4.0, 5.0]]]), [[[8, 20, 14]]])
    np.testing.assert_array_equal(conv.backward([[[1.0, 1.0, 1.0]]]), [[[2, 4, 2, 4, 2]]])
    np.testing.assert_array_equal(conv.dW, [[[6, 9, 6]]])


def test_known_values_of_the_transposed() -> None:
    """Two pixels whose kernels overlap in the middle."""
    conv = ConvTranspose2d(np.array([[[[1.0, 2.0, 3.0]]]]), np.array([10.0]), stride=2)
    np.testing.assert_array_equal(conv.forward([[[[1.0, 5.0]]]]), [[[[11, 12, 18, 20, 25]]]])
    np.testing.assert_array_equal(conv.backward([[[[1.0, 1.0, 2.0, 0.0, 1.0]]]]), [[[[9, 5]]]])
    np.testing.assert_array_equal(conv.dW, [[[[11, 1, 7]]]])
    np.testing.assert_array_equal(conv.db, [5])


@quickly
@given(
    sizes=st.tuples(*[st.integers(1, 2)] * 3),
    image=pairs(1, 6),
    kernel=pairs(1, 3),
    stride=pairs(1, 4),
    pad=pairs(0, 2),
    dilation=pairs(1, 2),
    groups=st.integers(1, 3),
)
def test_conv2d_is_the_loop(
    sizes: Any, image: Any, kernel: Any, stride: Any, pad: Any, dilation: Any, groups: int
) -> None:
    """For any stride, padding, dilation and groups; all three gradients."""
    N, C, F = sizes
    x = RNG.standard_normal((N, groups * C, *image))
    W, b = RNG.standard_normal((groups * F, C, *kernel)), RNG.standard_normal(groups * F)
    assume(min(naive_windows.convolution_shape(x, W, stride, pad, dilation)) > 0)
    conv = Conv2d(W, b, stride, pad, dilation, groups)
    y = conv.forward(x)
    dx = conv.backward(upstream(y))
    naive = naive_windows.convolution(x, W, b, upstream(y), stride, pad, dilation, groups)
    assert_all_close((y, dx, conv.dW, conv.db), naive)


@quickly
@given(
    sizes=st.tuples(*[st.integers(1, 2)] * 3),
    image=pairs(1, 4),
    kernel=pairs(1, 3),
    stride=pairs(1, 4),
    pad=pairs(0, 2),
    more=pairs(0, 2),
    dilation=pairs(1, 2),
    groups=st.integers(1, 3),
)
def test_transposed_convolution_is_the_loop(
    sizes: Any,
    image: Any,
    kernel: Any,
    stride: Any,
    pad: Any,
    more: Any,
    dilation: Any,
    groups: int,
) -> None:
    """For the same options, and output_pad; all three gradients."""
    N, C, F = sizes
    x = RNG.standard_normal((N, groups * C, *image))
    W, b = RNG.standard_normal((groups * C, F, *kernel)), RNG.standard_normal(groups * F)
    assume(all(m < s for m, s in zip(more, stride, strict=True)))
    full = [(image[i] - 1) * stride[i] + dilation[i] * (kernel[i] - 1) + 1 for i in (0, 1)]
    assume(all(full[i] + more[i] > 2 * pad[i] for i in (0, 1)))
    conv = ConvTranspose2d(W, b, stride, pad, more, dilation, groups)
    y = conv.forward(x)
    assert y.shape[2:] == tuple(full[i] + more[i] - 2 * pad[i] for i in (0, 1))
    dx = conv.backward(upstream(y))
    naive = naive_windows.transposed_convolution(
        x, W, b, upstream(y), stride, pad, dilation, groups
    )
    assert_all_close((y, dx, conv.dW, conv.db), naive)


@pytest.mark.parametrize("length", [5, 6, 7])
@pytest.mark.parametrize("groups", [1, 2])
def test_transposed_is_the_backward_of_convolution(length: int, groups: int) -> None:
    """Forward is its dx and dx is its forward, and output_pad tells the image sizes apart."""
    W = RNG.standard_normal((4, 2, 3, 2))
    conv = Conv2d(W, stride=(3, 1), pad=1, groups=groups)
    x = RNG.standard_normal((2, 2 * groups, length, 4))
    y = conv.forward(x)
    more = (length + 2 - 3) % 3
    other = ConvTranspose2d(W, stride=(3, 1), pad=1, output_pad=(more, 0), groups=groups)
    np.testing.assert_allclose(other.forward(y), conv.backward(y), rtol=1e-13)
    np.testing.assert_allclose(other.backward(x), y, rtol=1e-13)


def test_one_dimension_is_one_row() -> None:
    """Conv1d is Conv2d on images of one column."""
    x, W = RNG.standard_normal((3, 4, 9)), RNG.standard_normal((6, 2, 3))
    signal = Conv1d(W, stride=2, pad=1, dilation=2, groups=2)
    image = Conv2d(W[..., None], stride=2, pad=(1, 0), dilation=2, groups=2)
    y = signal.forward(x)
    np.testing.assert_array_equal(y, image.forward(x[..., None])[..., 0])
    np.testing.assert_array_equal(signal.backward(y), image.backward(y[..., None])[..., 0])
    np.testing.assert_array_equal(signal.dW, image.dW[..., 0])


def test_windows_and_their_adjoint() -> None:
    """sum(windows(x) * cells) = sum(x * add_windows(cells)), and a view is no copy."""
    x = RNG.standard_normal((2, 3, 7, 8))
    view = windows(x, (2, 3), (2, 1), (3, 2))
    assert view.shape == (2, 3, 2, 3, 2, 4)
    assert np.shares_memory(view, x)
    cells = RNG.standard_normal(view.shape)
    back = add_windows(cells, x.shape, (2, 1), (3, 2))
    assert np.sum(view * cells) == pytest.approx(np.sum(x * back))


def test_pixels_in_no_window_get_zero() -> None:
    """Those in the gaps of a wide stride, and those left over at the end."""
    conv = Conv2d(np.ones((1, 1, 1, 2)), stride=3)
    y = conv.forward(np.ones((1, 1, 6, 7)))
    assert y.shape == (1, 1, 2, 2)
    dx = conv.backward(np.ones_like(y))[0, 0]
    seen = np.zeros((6, 7))
    seen[np.ix_([0, 3], [0, 1, 3, 4])] = 1
    np.testing.assert_array_equal(dx, seen)


def test_kernel_of_one_pixel_mixes_channels() -> None:
    """As a matrix at every pixel."""
    x, W = RNG.standard_normal((2, 3, 4, 5)), RNG.standard_normal((6, 3))
    y = Conv2d(W[:, :, None, None]).forward(x)
    np.testing.assert_allclose(y, np.einsum("fc,nchv->nfhv", W, x), rtol=1e-12)


def test_each_channel_by_itself() -> None:
    """With as many groups as channels nothing crosses over."""
    conv = Conv2d(RNG.standard_normal((3, 1, 2, 2)), groups=3)
    y = conv.forward(RNG.standard_normal((1, 3, 4, 4)))
    dout = np.zeros_like(y)
    dout[:, 1] = 1
    assert conv.backward(dout).any(axis=(0, 2, 3)).tolist() == [False, True, False]


@pytest.mark.parametrize("layer", [Conv1d, Conv2d, ConvTranspose2d])
def test_without_bias(layer: Any) -> None:
    """Nothing is added and there is no db."""
    axes = 1 if layer is Conv1d else 2
    x, W = RNG.standard_normal((2, 3, *[4] * axes)), RNG.standard_normal((3, 3, *[2] * axes))
    plain, biased = layer(W), layer(W, np.full(3, 2.0))
    np.testing.assert_allclose(plain.forward(x) + 2, biased.forward(x), rtol=1e-13)
    plain.backward(np.ones_like(plain.forward(x)))
    assert not hasattr(plain, "db")


@pytest.mark.parametrize("layer", [Conv1d, Conv2d, ConvTranspose2d])
def test_empty_batch_and_other_batch_sizes(layer: Any) -> None:
    """The shapes hold, the gradients of parameters are zero, and each call stands for itself."""
    axes = 1 if layer is Conv1d else 2
    W, b = RNG.standard_normal((4, 4, *[3] * axes)), RNG.standard_normal(4)
    conv = layer(W[:, :2], b, stride=2, pad=1, groups=2)
    x = RNG.standard_normal((3, 4, *[5] * axes))
    y = conv.forward(x)
    dx = conv.backward(y)
    empty = conv.forward(x[:0])
    assert empty.shape == (0, *y.shape[1:])
    assert conv.backward(empty).shape == x[:0].shape
    assert conv.dW.shape == conv.W.shape
    assert not conv.dW.any()
    assert not conv.db.any()
    for n in range(3):
        np.testing.assert_allclose(conv.forward(x[n : n + 1]), y[n : n + 1], rtol=1e-12)
        np.testing.assert_allclose(conv.backward(y[n : n + 1]), dx[n : n + 1], rtol=1e-12)


@pytest.mark.parametrize("layer", [Conv1d, Conv2d, ConvTranspose2d])
@pytest.mark.parametrize("size", [1e-8, 1e8])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extremes_scale(layer: Any, size: float, dtype: Any) -> None:
    """The layer is linear in x at any size."""
    axes = 1 if layer is Conv1d else 2
    x = RNG.standard_normal((2, 3, *[4] * axes))
    W = RNG.standard_normal((3, 3, *[2] * axes)).astype(dtype)
    y = layer(W).forward((size * x).astype(dtype))
    assert y.dtype == dtype
    np.testing.assert_allclose(y / size, layer(W).forward(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("layer", [Conv1d, Conv2d, ConvTranspose2d])
def test_complex_numbers_pass_through(layer: Any) -> None:
    """An imaginary step in x and in W gives the derivative to the last digit."""
    axes = 1 if layer is Conv1d else 2
    x, W = RNG.standard_normal((2, 3, *[5] * axes)), RNG.standard_normal((3, 3, *[2] * axes))
    conv = layer(W, stride=2, pad=1)
    dout = upstream(conv.forward(x))
    dx = conv.backward(dout)
    step = np.zeros(x.shape, complex)
    step.flat[7] = 1e-30j
    assert np.sum(layer(W, stride=2, pad=1).forward(x + step) * dout).imag == pytest.approx(
        dx.flat[7] * 1e-30, rel=1e-12
    )
    step = np.zeros(W.shape, complex)
    step.flat[3] = 1e-30j
    assert np.sum(layer(W + step, stride=2, pad=1).forward(x) * dout).imag == pytest.approx(
        conv.dW.flat[3] * 1e-30, rel=1e-12
    )


def test_precisions_meet_in_the_wider() -> None:
    """float32 images and float64 weights; whole numbers become float64."""
    conv = Conv2d(np.ones((1, 1, 2, 2)))
    assert conv.forward(np.ones((1, 1, 3, 3), np.float32)).dtype == np.float64
    y = conv.forward(np.ones((1, 1, 3, 3), int))
    assert y.dtype == conv.backward(y).dtype == conv.dW.dtype == np.float64


def test_parameters_are_shared() -> None:
    """An update in place is seen by the next forward."""
    W, b = np.ones((1, 1, 1, 1)), np.zeros(1)
    conv = Conv2d(W, b)
    W *= 3
    b += 1
    np.testing.assert_array_equal(conv.forward(np.ones((1, 1, 1, 2))), [[[[4, 4]]]])


@pytest.mark.parametrize(
    ("layer", "inputs"), [(Conv1d, 4 * 5), (Conv2d, 4 * 5 * 5), (ConvTranspose2d, 4 * 25 / 4)]
)
def test_random_weights_are_those_of_he(layer: Any, inputs: float) -> None:
    """Variance 2 / inputs; the generator decides the draw."""
    one, two = (
        layer.random(8, 64, 5, groups=2, stride=2, rng=np.random.default_rng(3)) for _ in range(2)
    )
    assert one.W.std() == pytest.approx(np.sqrt(2 / inputs), rel=0.1)
    assert (one.groups, one.b.shape, one.b.any()) == (2, (64,), False)
    np.testing.assert_array_equal(one.W, two.W)
    assert layer.random(1, 2, 3).W.dtype == np.float64


def test_random_weights_keep_the_size_of_what_passes() -> None:
    """With a ReLU behind, the mean square stays what it was, for either layer."""
    x = np.random.default_rng(4).standard_normal((2, 32, 24, 24))
    for layer, options in ((Conv2d, {}), (ConvTranspose2d, {}), (ConvTranspose2d, {"stride": 2})):
        conv = layer.random(32, 64, 4, rng=np.random.default_rng(5), **options)
        y = np.maximum(conv.forward(x), 0)[:, :, 4:-4, 4:-4]
        assert np.mean(y**2) == pytest.approx(1, rel=0.15)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Conv2d(np.ones((3, 2, 2))), r"W must have shape \(F, C, K, L\).*got \(3, 2, 2\)"),
        (lambda: Conv2d(np.ones((3, 2, 0, 2))), "a kernel that is not empty"),
        (lambda: Conv2d(np.ones((3, 2, 2, 2)), groups=2), "F divisible by groups = 2"),
        (lambda: Conv1d(np.ones((3, 2, 2)), np.ones(2)), r"must share F, got \(3, 2, 2\) and"),
        (lambda: Conv2d(np.ones((3, 2, 2, 2)), np.ones((3, 1))), r"share F, .* and \(3, 1\)"),
        (lambda: Conv2d(np.ones((1, 1, 1, 1)), stride=0), "Conv2d: stride must be a whole number"),
        (lambda: Conv2d(np.ones((1, 1, 1, 1)), pad=-1), "pad must be a whole number of at least 0"),
        (lambda: Conv2d(np.ones((1, 1, 1, 1)), dilation=1.5), "dilation must be .* got 1.5"),
        (lambda: Conv2d(np.ones((1, 1, 1, 1)), pad=(1, 1, 1)), r"tuple of 2, got \(1, 1, 1\)"),
        (lambda: Conv2d(np.ones((1, 1, 1, 1)), groups=0), "groups must be a whole number"),
        (lambda: Conv2d.random(3, 4, 2, groups=2), "must divide the 3 channels, got 2"),
        (lambda: ConvTranspose2d.random(4, 3, 2, groups=2), "must divide the 3 filters, got 2"),
        (lambda: ConvTranspose2d(np.ones((3, 2, 2))), r"shape \(C, F, K, L\).*got \(3, 2, 2\)"),
        (lambda: ConvTranspose2d(np.ones((3, 2, 2, 2)), groups=2), "C divisible by groups = 2"),
        (lambda: ConvTranspose2d(np.ones((3, 2, 2, 2)), np.ones(3)), r"shape \(2,\).*got \(3,\)"),
        (
            lambda: ConvTranspose2d(np.ones((3, 2, 2, 2)), stride=(3, 1), output_pad=1),
            r"output_pad must be less than stride, got \(1, 1\) and \(3, 1\)",
        ),
    ],
)
def test_construction_is_checked(make: Any, sentence: str) -> None:
    """The error names the layer, what was expected and what was given."""
    with pytest.raises(ValueError, match=sentence):
        make()


@pytest.mark.parametrize("shape", [(4, 5, 5), (2, 3, 5, 5), (2, 4, 5), (2, 4, 5, 5, 5), ()])
def test_input_must_fit(shape: tuple[int, ...]) -> None:
    """The error names the channels and both shapes."""
    conv = Conv2d(np.ones((6, 2, 3, 3)), groups=2)
    with pytest.raises(ValueError, match=r"\(N, 4, H, V\), as W of shape \(6, 2, 3, 3\) with gro"):
        conv.forward(np.ones(shape))
    transposed = ConvTranspose2d(np.ones((4, 2, 3, 3)), groups=2)
    with pytest.raises(ValueError, match=r"\(N, 4, H, V\), as W of shape \(4, 2, 3, 3\) expects"):
        transposed.forward(np.ones(shape))


def test_images_smaller_than_the_kernel_are_refused() -> None:
    """Along either axis, with dilation and padding reckoned in."""
    conv = Conv2d(np.ones((1, 1, 2, 3)), pad=(0, 1), dilation=(1, 3))
    assert conv.forward(np.ones((1, 1, 2, 5))).shape == (1, 1, 1, 1)
    with pytest.raises(ValueError, match=r"smaller than the kernel of W.*spans \(2, 7\)"):
        conv.forward(np.ones((1, 1, 2, 4)))
    with pytest.raises(ValueError, match=r"x of shape \(1, 1, 1, 9\) with pad = \(0, 1\)"):
        conv.forward(np.ones((1, 1, 1, 9)))


def test_transposed_must_leave_something() -> None:
    """Cutting off all of the output is refused, and so is an image without pixels."""
    conv = ConvTranspose2d(np.ones((1, 1, 2, 2)), pad=1)
    assert conv.forward(np.ones((1, 1, 2, 2))).shape == (1, 1, 1, 1)
    with pytest.raises(ValueError, match="on each side leaves nothing"):
        conv.forward(np.ones((1, 1, 1, 3)))
    with pytest.raises(ValueError, match=r"with pixels, got \(1, 1, 0, 3\)"):
        conv.forward(np.ones((1, 1, 0, 3)))


def test_a_refused_forward_leaves_the_layer_as_it_was() -> None:
    """Backward still belongs to the last forward that succeeded."""
    conv = Conv2d(np.ones((1, 1, 2, 2)))
    y = conv.forward(np.ones((1, 1, 3, 3)))
    with pytest.raises(ValueError, match="smaller"):
        conv.forward(np.ones((1, 1, 1, 1)))
    assert conv.backward(y).shape == (1, 1, 3, 3)
