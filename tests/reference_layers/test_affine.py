"""The affine layer: known values, shapes of samples, shared parameters."""

import numpy as np
import pytest

from layers import Affine

RNG = np.random.default_rng(6)
W, b = RNG.standard_normal((6, 4)), RNG.standard_normal(4)


def test_known_values() -> None:
    """Small integers, worked by hand."""
    affine = Affine(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([10.0, 20.0]))
    np.testing.assert_array_equal(affine.forward([[1.0, 1.0], [2.0, 0.0]]), [[14, 26], [12, 24]])
    np.testing.assert_array_equal(affine.backward([[1.0, 0.0], [0.0, 2.0]]), [[1, 3], [4, 8]])
    np.testing.assert_array_equal(affine.dW, [[1, 4], [1, 0]])
    np.testing.assert_array_equal(affine.db, [1, 2])


@pytest.mark.parametrize("shape", [(3, 6), (3, 2, 3), (3, 1, 2, 3), (1, 6), (0, 6), (0, 2, 3)])
def test_samples_of_any_shape_are_rows(shape: tuple[int, ...]) -> None:
    """The gradient returns to the shape of the input."""
    x, dout = RNG.standard_normal(shape), RNG.standard_normal((shape[0], 4))
    flat, shaped = Affine(W, b), Affine(W, b)
    np.testing.assert_array_equal(shaped.forward(x), flat.forward(x.reshape(len(x), 6)))
    np.testing.assert_array_equal(shaped.backward(dout), flat.backward(dout).reshape(shape))
    np.testing.assert_array_equal(shaped.dW, flat.dW)


def test_one_sample_is_a_batch_of_one() -> None:
    """Without the batch axis on either side."""
    x, dout = RNG.standard_normal(6), RNG.standard_normal(4)
    batch, single = Affine(W, b), Affine(W, b)
    np.testing.assert_array_equal(single.forward(x), batch.forward(x[np.newaxis])[0])
    np.testing.assert_array_equal(single.backward(dout), batch.backward(dout[np.newaxis])[0])
    np.testing.assert_array_equal(single.dW, batch.dW)
    np.testing.assert_array_equal(single.db, dout)


def test_parameters_are_shared() -> None:
    """An update in place is seen by the next forward."""
    weights, bias = np.ones((2, 3)), np.zeros(3)
    affine = Affine(weights, bias)
    weights *= 2
    bias += 1
    np.testing.assert_array_equal(affine.forward([1.0, 1.0]), [5, 5, 5])


def test_gradients_are_overwritten() -> None:
    """Not accumulated, and the earlier arrays stay as they were."""
    affine = Affine(W, b)
    affine.forward(np.ones((2, 6)))
    affine.backward(np.ones((2, 4)))
    first = affine.dW
    affine.backward(3 * np.ones((2, 4)))
    np.testing.assert_array_equal(first, np.full((6, 4), 2))
    np.testing.assert_array_equal(affine.dW, np.full((6, 4), 6))


def test_parameters_must_fit() -> None:
    """A bias of shape (1, M) would let db come out in another shape."""
    with pytest.raises(ValueError, match=r"must share M, got \(2, 3\) and \(1, 3\)"):
        Affine(np.ones((2, 3)), np.ones((1, 3)))


@pytest.mark.parametrize("shape", [(5,), (2, 5), (2, 3, 3), ()])
def test_input_must_fit(shape: tuple[int, ...]) -> None:
    """The error names D and both shapes."""
    with pytest.raises(ValueError, match=r"must hold D = 6 numbers per sample, as W of shape"):
        Affine(W, b).forward(np.ones(shape))


@pytest.mark.parametrize("shape", [(3, 2, 6), (3, 1, 6), (2, 3, 1, 6), (0, 2, 6), (2, 0, 6)])
def test_leading_axes_are_kept(shape: tuple[int, ...]) -> None:
    """Where the last axis is D, each vector along it is a row, whatever the axes before it."""
    x, dout = RNG.standard_normal(shape), RNG.standard_normal((*shape[:-1], 4))
    flat, shaped = Affine(W, b), Affine(W, b)
    rows = flat.forward(x.reshape(-1, 6)) if x.size else np.ones((0, 4))
    np.testing.assert_array_equal(shaped.forward(x), rows.reshape(*shape[:-1], 4))
    if x.size:
        dx = flat.backward(dout.reshape(-1, 4))
        np.testing.assert_array_equal(shaped.backward(dout), dx.reshape(shape))
        np.testing.assert_array_equal(shaped.dW, flat.dW)
        np.testing.assert_array_equal(shaped.db, flat.db)
    else:
        assert shaped.backward(dout).shape == shape
        assert not shaped.dW.any()
        assert not shaped.db.any()


def test_the_last_axis_decides() -> None:
    """(N, 1, D) could be flattened as well; (N, D, 1) can be nothing else."""
    assert Affine(W, b).forward(np.ones((3, 1, 6))).shape == (3, 1, 4)
    assert Affine(W, b).forward(np.ones((3, 6, 1))).shape == (3, 4)


@pytest.mark.parametrize("shape", [(6,), (3, 6), (3, 2, 6), (3, 2, 3), (0, 6)])
def test_without_bias(shape: tuple[int, ...]) -> None:
    """As with a bias of zero, but nothing is learned for it."""
    x = RNG.standard_normal(shape)
    plain, zero = Affine(W), Affine(W, np.zeros(4))
    y = plain.forward(x)
    np.testing.assert_array_equal(y, zero.forward(x))
    np.testing.assert_array_equal(plain.backward(y), zero.backward(y))
    np.testing.assert_array_equal(plain.dW, zero.dW)
    assert plain.b is None
    assert not hasattr(plain, "db")


def test_random_weights() -> None:
    """Of variance 2/D, zero bias, the same for the same generator; float64."""
    one, two = (Affine.random(50, 40, rng=np.random.default_rng(2)) for _ in range(2))
    np.testing.assert_array_equal(one.W, two.W)
    assert one.W.shape == (50, 40)
    assert one.W.std() == pytest.approx(0.2, rel=0.05)
    np.testing.assert_array_equal(one.b, np.zeros(40))
    assert Affine.random(3, 2, bias=False).b is None
    assert Affine.random(0, 2).forward(np.ones((3, 0))).shape == (3, 2)


def test_complex_step() -> None:
    """The formula is linear in x."""
    x, v, dout = RNG.standard_normal((3, 2, 6)), RNG.standard_normal((3, 2, 6)), np.ones((3, 2, 4))
    affine = Affine(W, b)
    along = affine.forward(x + 1e-30j * v).imag / 1e-30
    affine.forward(x)
    assert np.sum(along) == pytest.approx(np.sum(affine.backward(dout) * v), rel=1e-12)
