"""Embeddings and positions: known values, repeated ids, the waves, refused ids and shapes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.embedding import Embedding, LearnedPositions, PositionalEncoding

RNG = np.random.default_rng(31)
SIZES = st.integers(1, 6)
quick = settings(max_examples=50, deadline=None, derandomize=True)


def test_rows_of_the_table() -> None:
    """By hand; the row asked for twice gets both gradients, the one never asked for none."""
    layer = Embedding([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    np.testing.assert_array_equal(layer.forward([2, 0, 2]), [[5, 6], [1, 2], [5, 6]])
    assert layer.backward([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]]) is None  # type: ignore[func-returns-value]
    np.testing.assert_array_equal(layer.dW, [[2, 20], [0, 0], [5, 50]])


@quick
@given(st.lists(st.integers(0, 5), max_size=3), SIZES, SIZES, st.integers(0, 2**16))
def test_embedding_is_a_product_with_one_hot_rows(
    shape: list[int], V: int, D: int, seed: int
) -> None:
    """Also of no ids, and of a single one without axes."""
    rng = np.random.default_rng(seed)
    ids, W = rng.integers(0, V, shape), rng.standard_normal((V, D))
    layer, one_hot = Embedding(W), np.eye(V)[ids].reshape(-1, V)
    y = layer.forward(ids)
    np.testing.assert_array_equal(y, (one_hot @ W).reshape(*shape, D))
    dout = rng.standard_normal(y.shape)
    layer.backward(dout)
    np.testing.assert_allclose(layer.dW, one_hot.T @ dout.reshape(-1, D), atol=1e-13)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.uint64])
def test_any_integers_are_ids(dtype: type) -> None:
    layer = Embedding(np.eye(3))
    np.testing.assert_array_equal(layer.forward(np.array([2, 1], dtype)), np.eye(3)[[2, 1]])


@pytest.mark.parametrize("ids", [[], np.ones((0, 4), int), np.ones((2, 0))])
def test_no_ids(ids: Any) -> None:
    """An empty list is float64 to NumPy, and still holds no id that is no integer."""
    layer = Embedding(np.ones((3, 2)))
    y = layer.forward(ids)
    assert y.shape == (*np.shape(ids), 2)
    layer.backward(y)
    np.testing.assert_array_equal(layer.dW, np.zeros((3, 2)))


def test_ids_are_copied() -> None:
    """A buffer of ids may be filled anew before backward."""
    layer, ids = Embedding(np.ones((3, 1))), np.array([0, 1])
    layer.forward(ids)
    ids[:] = 2
    layer.backward([[5.0], [7.0]])
    np.testing.assert_array_equal(layer.dW, [[5], [7], [0]])


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([0, 3], r"lie in \[0, V\) with V = 3, as W of shape \(3, 2\) expects, got 3"),
        ([[-1, 0]], "got -1"),
        ([1.0], "ids must be integers, got dtype float64"),
        ([True], "ids must be integers, got dtype bool"),
    ],
)
def test_ids_must_be_rows(ids: Any, message: str) -> None:
    """NumPy's negative indices would hide a mistake."""
    with pytest.raises(ValueError, match=message):
        Embedding(np.ones((3, 2))).forward(ids)


def test_tables_must_be_matrices() -> None:
    for make in (Embedding, LearnedPositions):
        with pytest.raises(ValueError, match=rf"{make.__name__}: W must have shape .* got \(3,\)"):
            make(np.ones(3))


def test_known_waves() -> None:
    """The place 0 is (0, 1, 0, 1); the lengths of the waves are 2 pi and 200 pi for D = 4."""
    waves = PositionalEncoding().forward(np.zeros((3, 4)))
    rows = [[np.sin(t), np.cos(t), np.sin(t / 100), np.cos(t / 100)] for t in range(3)]
    np.testing.assert_allclose(waves, rows, rtol=1e-14)


@quick
@given(SIZES, st.integers(1, 7), st.sampled_from([10000.0, 100.0, 2.0]))
def test_waves_are_the_formula_element_by_element(T: int, D: int, base: float) -> None:
    """D odd included: the last sine is alone."""
    wanted = np.empty((T, D))
    for t in range(T):
        for i in range((D + 1) // 2):
            wanted[t, 2 * i] = np.sin(t / base ** (2 * i / D))
            if 2 * i + 1 < D:
                wanted[t, 2 * i + 1] = np.cos(t / base ** (2 * i / D))
    x = RNG.standard_normal((2, T, D))
    np.testing.assert_allclose(PositionalEncoding(base).forward(x) - x, [wanted] * 2, atol=1e-14)


def test_far_places_keep_their_digits() -> None:
    """Angles in float32 would be off by 1e-3 at the place 20000."""
    narrow, wide = (PositionalEncoding().forward(np.zeros((20001, 2), t)) for t in ("f4", "f8"))
    np.testing.assert_allclose(narrow, wide, atol=1e-7)
    assert np.isfinite(PositionalEncoding().forward(np.zeros((70000, 1), np.float16))).all()


def test_a_shorter_sequence_leaves_rows_without_gradient() -> None:
    W, x = RNG.standard_normal((5, 2)), RNG.standard_normal((3, 4, 2))
    layer = LearnedPositions(W)
    np.testing.assert_array_equal(layer.forward(x), x + W[:4])
    dout = RNG.standard_normal((3, 4, 2))
    np.testing.assert_array_equal(layer.backward(dout), dout)
    np.testing.assert_allclose(layer.dW, [*dout.sum(axis=0), [0, 0]])


def test_learned_positions_are_embeddings_of_the_places() -> None:
    W, x, dout = RNG.standard_normal((4, 2)), *RNG.standard_normal((2, 3, 4, 2))
    layer, table = LearnedPositions(W), Embedding(W)
    places = np.broadcast_to(np.arange(4), (3, 4))
    np.testing.assert_array_equal(layer.forward(x), x + table.forward(places))
    layer.backward(dout)
    table.backward(dout)
    np.testing.assert_allclose(layer.dW, table.dW, rtol=1e-13)


@pytest.mark.parametrize("shape", [(0, 3, 2), (2, 0, 2), (0, 2), (1, 1, 2)])
def test_empty_sequences(shape: tuple[int, ...]) -> None:
    for layer in (PositionalEncoding(), LearnedPositions(np.ones((3, 2)))):
        y = layer.forward(np.ones(shape))
        assert y.shape == layer.backward(y).shape == shape


@pytest.mark.parametrize("shape", [(), (2,), (2, 6, 2), (2, 5, 3)])
def test_positions_must_fit(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"LearnedPositions.forward: .* and \(5, 2\)"):
        LearnedPositions(np.ones((5, 2))).forward(np.ones(shape))
    if len(shape) < 2:
        with pytest.raises(ValueError, match=r"PositionalEncoding.forward: .* \(..., T, D\), got"):
            PositionalEncoding().forward(np.ones(shape))


def test_random_tables_repeat() -> None:
    """By their generator, with the deviation that they name."""
    for make, deviation in ((Embedding, 1.0), (LearnedPositions, 0.02)):
        first, again = (make.random(200, 50, rng=np.random.default_rng(1)) for _ in range(2))
        np.testing.assert_array_equal(first.W, again.W)
        assert first.W.std() == pytest.approx(deviation, rel=0.05)
        assert make.random(2, 3).W.shape == (2, 3)


def test_complex_tables_pass_through() -> None:
    """Derivatives by the complex step reach the rows."""
    W = RNG.standard_normal((3, 2)) + 1e-30j
    assert (Embedding(W).forward([0, 2]).imag == 1e-30).all()
    assert (LearnedPositions(W).forward(np.zeros((3, 2))).imag == 1e-30).all()
    assert (PositionalEncoding().forward(W).imag == 1e-30).all()
