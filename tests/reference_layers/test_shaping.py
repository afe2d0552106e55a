"""Layers that move numbers: where each goes, and that its gradient comes back to its place."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers import Add, Affine, ReLU, Repeat, Sequential, Sum, central_difference
from layers.layer import Layer
from layers.residual import Residual
from layers.shaping import Concatenate, Flatten, Identity, Reshape, Transpose

RNG = np.random.default_rng(41)
SHAPES = st.lists(st.integers(0, 3), min_size=1, max_size=4).map(tuple)


def moved(layer: Any, *arrays: Any) -> None:
    """Check that backward undoes forward: a gradient named like its element returns to it."""
    y = layer.forward(*arrays)
    back = layer.backward(y)
    for array, gradient in zip(arrays, back if isinstance(back, tuple) else (back,), strict=True):
        np.testing.assert_array_equal(gradient, array)
        assert gradient.flags.c_contiguous


def numbered(shape: tuple[int, ...], start: int = 0) -> Any:
    return np.arange(start, start + np.prod(shape, dtype=int), dtype=float).reshape(shape)


def test_identity() -> None:
    moved(Identity(), numbered((2, 3)))
    np.testing.assert_array_equal(Identity().forward([[1, 2]]), [[1.0, 2.0]])


@given(SHAPES)
def test_flatten(shape: tuple[int, ...]) -> None:
    """Rows in the order of memory; empty batches and empty samples too."""
    moved(Flatten(), numbered(shape))
    y = Flatten().forward(numbered(shape))
    assert y.shape == (shape[0], int(np.prod(shape[1:])))
    np.testing.assert_array_equal(y.ravel(), np.arange(y.size))


def test_flatten_needs_a_batch_axis() -> None:
    with pytest.raises(ValueError, match=r"Flatten.forward: x must have a batch axis, got"):
        Flatten().forward(1.0)


@pytest.mark.parametrize(
    ("shape", "given_shape", "wanted"),
    [
        ((-1,), (5, 2, 6), (5, 12)),
        ((3, -1), (5, 2, 6), (5, 3, 4)),
        ((2, 3, 2), (5, 12), (5, 2, 3, 2)),
        ((3, -1), (0, 2, 6), (0, 3, 4)),
        ((), (5,), (5,)),
        ((), (5, 1, 1), (5,)),
        ((-1,), (5, 0), (5, 0)),
        ((0, 7), (5, 0), (5, 0, 7)),
        ((4, 0, -1), (5, 0, 2), (5, 4, 0, 0)),
    ],
)
def test_reshape(shape: Any, given_shape: Any, wanted: Any) -> None:
    """The batch axis stays; an axis that is left open is solved even without samples."""
    moved(Reshape(shape), numbered(given_shape))
    assert Reshape(shape).forward(numbered(given_shape)).shape == wanted


@pytest.mark.parametrize(
    ("shape", "given_shape"),
    [
        ((5,), (2, 6)),
        ((4, -1), (2, 6)),
        ((0, -1), (2, 6)),
        ((-1,), ()),
        ((), (2, 6)),
        ((6,), (0, 5)),
    ],
)
def test_reshape_must_fit(shape: Any, given_shape: Any) -> None:
    """The batch does not help out: its axis is not touched."""
    with pytest.raises(ValueError, match=r"Reshape.forward: x of shape .* fit into shape"):
        Reshape(shape).forward(np.ones(given_shape))


@pytest.mark.parametrize("shape", [(-1, -1), (2, -3)])
def test_reshape_has_one_unknown(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="may hold -1 once, and sizes, got"):
        Reshape(shape)


@given(st.integers(0, 4).flatmap(lambda ndim: st.permutations(range(ndim))), st.data())
def test_transpose(permutation: list[int], data: Any) -> None:
    """Any permutation, its axes counted from either end; and without one, all reversed."""
    ndim = len(permutation)
    x = numbered(tuple(data.draw(st.integers(0, 3)) for _ in range(ndim)))
    axes = tuple(axis - ndim * data.draw(st.booleans()) for axis in permutation)
    for layer, wanted in ((Transpose(axes), np.transpose(x, axes)), (Transpose(), x.T)):
        np.testing.assert_array_equal(layer.forward(x), wanted)
        moved(layer, x)


@pytest.mark.parametrize("axes", [(0,), (0, 0), (0, 2), (0, 1, 2), (0, -3)])
def test_transpose_takes_permutations(axes: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"Transpose.forward: axes .* each of the 2 axes of x"):
        Transpose(axes).forward(np.ones((2, 3)))


@given(st.integers(1, 4), SHAPES, st.data())
def test_concatenate(count: int, shape: tuple[int, ...], data: Any) -> None:
    """Any number of arrays, along any axis, empty ones among them."""
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    arrays = []
    for start in range(count):
        sizes = list(shape)
        sizes[axis] = data.draw(st.integers(0, 3))
        arrays.append(numbered(tuple(sizes), 100 * start))
    layer = Concatenate(axis)
    np.testing.assert_array_equal(layer.forward(*arrays), np.concatenate(arrays, axis))
    moved(layer, *arrays)


def test_concatenate_by_default_joins_channels() -> None:
    layer = Concatenate()
    assert layer.forward(np.ones((2, 3, 4, 4)), np.ones((2, 5, 4, 4))).shape == (2, 8, 4, 4)
    assert [part.shape[1] for part in layer.backward(np.ones((2, 8, 4, 4)))] == [3, 5]


def test_concatenate_meets_in_the_wider_precision() -> None:
    layer = Concatenate()
    y = layer.forward(np.ones((1, 2), np.float32), np.ones((1, 2), np.float64))
    assert {y.dtype, *(part.dtype for part in layer.backward(y))} == {np.dtype(np.float64)}


def test_concatenate_must_fit() -> None:
    """The error names the shapes and the axis."""
    with pytest.raises(
        ValueError, match=r"\[\(2, 3\), \(3, 3\)\] do not fit together along axis 1"
    ):
        Concatenate().forward(np.ones((2, 3)), np.ones((3, 3)))
    with pytest.raises(ValueError, match=r"shapes \[\] do not fit"):
        Concatenate().forward()
    with pytest.raises(ValueError, match="along axis 1"):
        Concatenate().forward(np.ones(3), np.ones(3))


@pytest.mark.parametrize(
    "layer", [Identity(), Flatten(), Reshape((3, 2)), Transpose(), Concatenate()]
)
def test_complex_arrays_pass(layer: Any) -> None:
    x = RNG.standard_normal((2, 6)) + 1j
    back = layer.backward(layer.forward(x))
    np.testing.assert_array_equal(back[0] if isinstance(back, tuple) else back, x)


def test_residual_is_a_sum_of_two_ways() -> None:
    """x goes in twice: by Repeat's rule its gradients add, by Add's rule each is dy."""
    x, dout = RNG.standard_normal((2, 3, 4))
    weights = RNG.standard_normal((4, 4)), RNG.standard_normal(4)
    residual = Residual(Affine(*weights), ReLU())
    inner, add = Sequential(Affine(*weights), ReLU()), Add()
    np.testing.assert_array_equal(residual.forward(x), add.forward(x, inner.forward(x)))
    straight, through = add.backward(dout)
    np.testing.assert_allclose(residual.backward(dout), straight + inner.backward(through))
    for name, gradient in inner.gradients_by_name.items():
        np.testing.assert_array_equal(residual.gradients_by_name[name], gradient)


def test_residual_names_parameters_like_a_chain() -> None:
    """And is named within one."""
    square = [Affine(np.eye(2), np.zeros(2)) for _ in range(2)]
    network = Sequential(ReLU(), Residual(square[0], Residual(square[1])))
    assert list(network.parameters_by_name) == ["1.0.W", "1.0.b", "1.1.0.W", "1.1.0.b"]
    assert network.parameters_by_name["1.1.0.W"] is square[1].W


def test_residual_gradients_are_those_of_differences() -> None:
    """Through two residual connections, one within the other."""
    x, dout = RNG.standard_normal((2, 3, 4))
    layers = [Affine(RNG.standard_normal((4, 4)), RNG.standard_normal(4)) for _ in range(2)]
    network = Residual(layers[0], Residual(layers[1]))

    def weighted(_: Any) -> Any:
        return np.sum(network.forward(x) * dout)

    network.forward(x)
    gradients = {"x": network.backward(dout), **network.gradients_by_name}
    for name, array in {"x": x, **network.parameters_by_name}.items():
        numeric = central_difference(weighted, array)
        np.testing.assert_allclose(gradients[name], numeric, rtol=1e-7, atol=1e-8, err_msg=name)


def test_residual_needs_equal_shapes() -> None:
    """Rather than broadcasting, also where that would work."""
    with pytest.raises(ValueError, match=r"keep the shape of x, got \(2, 1\) from \(2, 3\)"):
        Residual(Affine(np.ones((3, 1)), np.ones(1))).forward(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"keep the shape of x, got \(1, 3\) from \(2, 3\)"):
        Residual(Sum()).forward(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"keep the shape of x, got \(3, 2\) from \(1, 2\)"):
        Residual(Repeat(3)).forward(np.ones((1, 2)))


def test_residual_of_nothing_doubles() -> None:
    """The empty chain is the identity."""
    residual = Residual()
    np.testing.assert_array_equal(residual.forward([1.0, 2.0]), [2, 4])
    np.testing.assert_array_equal(residual.backward([1.0, 3.0]), [2, 6])


def test_residual_keeps_an_empty_batch_and_its_dtype() -> None:
    affine = Affine(np.eye(3, dtype=np.float32), np.zeros(3, dtype=np.float32))
    residual = Residual(affine)
    y = residual.forward(np.ones((0, 3), np.float32))
    assert (y.shape, y.dtype) == ((0, 3), np.float32)
    assert residual.backward(np.ones((0, 3))).dtype == np.float32


def test_described() -> None:
    """All but the composite, whose forms are those of its layers."""
    kinds: list[type[Layer]] = [Identity, Flatten, Reshape, Transpose, Concatenate]
    assert all(kind.forms for kind in kinds)
