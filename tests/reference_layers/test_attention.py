"""Attention: against loops over rows, masks, large scores, edges, shapes refused."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.attention import ScaledDotProductAttention
from layers.multi_head_attention import MultiHeadAttention, MultiHeadCrossAttention

RNG = np.random.default_rng(53)
SIZES = st.tuples(*[st.integers(0, 3)] * 3, *[st.integers(1, 4)] * 2)


def naive(q: Any, k: Any, v: Any, visible: Any) -> Any:
    """One row at a time, over the keys that it may see only."""
    y = np.zeros((*q.shape[:-1], v.shape[-1]))
    for index in np.ndindex(q.shape[:-1]):
        *leading, t = index
        keys = np.flatnonzero(visible[(*leading, t)])
        if keys.size:
            scores = [q[index] @ k[(*leading, s)] / q.shape[-1] ** 0.5 for s in keys]
            weights = np.exp(scores) / np.exp(scores).sum()
            y[index] = sum(w * v[(*leading, s)] for w, s in zip(weights, keys, strict=True))
    return y


def test_known_values() -> None:
    """Scores 0 and ln 3: a quarter of the first value and three of the second."""
    layer = ScaledDotProductAttention()
    q, k, v = [[1.0]], [[0.0], [np.log(3)]], [[8.0], [4.0]]
    np.testing.assert_allclose(layer.forward(q, k, v), [[5]])
    dq, dk, dv = layer.backward([[1.0]])
    np.testing.assert_allclose(dv, [[0.25], [0.75]])
    # p (dp - mean of dp) is 1/4 (8 - 5) and 3/4 (4 - 5).
    np.testing.assert_allclose(dk, [[0.75], [-0.75]])
    np.testing.assert_allclose(dq, [[-0.75 * np.log(3)]])


@settings(max_examples=50, deadline=None, derandomize=True)
@given(SIZES, st.booleans(), st.booleans(), st.booleans())
def test_is_that_of_loops(sizes: Any, causal: bool, masked: bool, headed: bool) -> None:
    """With any mask, rows that see nothing included."""
    N, T, S, D, E = sizes
    leading = (N, 2) if headed else (N,)
    q, k, v = (RNG.standard_normal((*leading, *size)) for size in ((T, D), (S, D), (S, E)))
    mask = RNG.random((*leading, T, S)) < 0.5
    visible = mask if masked else np.ones_like(mask)
    visible = visible & (np.arange(S) <= np.arange(T)[:, np.newaxis]) if causal else visible
    layer = ScaledDotProductAttention(causal=causal)
    y = layer.forward(q, k, v, mask) if masked else layer.forward(q, k, v)
    np.testing.assert_allclose(y, naive(q, k, v, visible), rtol=1e-12, atol=1e-14)
    gradients = layer.backward(np.ones_like(y))
    assert [one.shape for one in gradients] == [q.shape, k.shape, v.shape]


def test_a_row_that_sees_nothing_gives_nothing() -> None:
    """And no gradient reaches a key that nobody may see."""
    q, k, v = RNG.standard_normal((3, 2, 3, 4))
    mask = np.ones((2, 3, 3), bool)
    mask[0, 1] = mask[1, :, 2] = False
    layer = ScaledDotProductAttention()
    assert not layer.forward(q, k, v, mask)[0, 1].any()
    dq, dk, dv = layer.backward(np.ones((2, 3, 4)))
    assert not dq[0, 1].any()
    assert not dk[1, 2].any()
    assert not dv[1, 2].any()


def test_masks_broadcast() -> None:
    """One for all samples, and one for all rows: padding."""
    q, k, v = RNG.standard_normal((3, 2, 3, 4))
    mask, padding = np.tril(np.ones((3, 3), bool)), np.array([[[1, 1, 0]], [[1, 0, 0]]], bool)
    plain, causal = ScaledDotProductAttention(), ScaledDotProductAttention(causal=True)
    np.testing.assert_array_equal(plain.forward(q, k, v, mask), causal.forward(q, k, v))
    whole = np.repeat(padding, 3, axis=1)
    np.testing.assert_array_equal(plain.forward(q, k, v, padding), plain.forward(q, k, v, whole))


def test_causal_steps_do_not_see_the_future() -> None:
    """Changing the last key and value changes the last row only."""
    q, k, v = RNG.standard_normal((3, 1, 4, 2))
    layer = ScaledDotProductAttention(causal=True)
    before = layer.forward(q, k, v)
    k[:, -1] += 1
    v[:, -1] += 1
    after = layer.forward(q, k, v)
    np.testing.assert_array_equal(before[:, :-1], after[:, :-1])
    assert not np.array_equal(before[:, -1], after[:, -1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("visible", [[1, 1, 1], [0, 1, 1]])
def test_far_apart_scores(dtype: Any, visible: list[int]) -> None:
    """The largest score takes all, without a warning; also when a larger one is hidden."""
    layer = ScaledDotProductAttention()
    k, v = np.array([[[1e4], [-1e4], [0]]], dtype), np.array([[[5], [6], [7]]], dtype)
    y = layer.forward(np.ones((1, 1, 1), dtype), k, v, np.array([[visible]], bool))
    assert y == (5 if visible[0] else 7)
    dq, dk, dv = layer.backward(np.ones((1, 1, 1), dtype))
    np.testing.assert_allclose([dq.sum(), *dk.ravel()], np.zeros(4), atol=1e-300)
    np.testing.assert_allclose(dv.ravel(), [1, 0, 0] if visible[0] else [0, 0, 1], atol=1e-300)


@pytest.mark.parametrize(
    "shapes",
    [
        ((2, 3, 4), (2, 5, 4), (2, 6, 2)),
        ((2, 3, 4), (2, 5, 3), (2, 5, 2)),
        ((2, 3, 4), (1, 5, 4), (2, 5, 2)),
        ((3, 4), (2, 5, 4), (2, 5, 2)),
        ((4,), (4,), (4,)),
        ((), (), ()),
    ],
)
def test_queries_keys_and_values_must_fit(shapes: Any) -> None:
    with pytest.raises(ValueError, match="must share their leading axes, D and S, got"):
        ScaledDotProductAttention().forward(*map(np.ones, shapes))


def test_masks_must_fit() -> None:
    """Numbers are refused: elsewhere they are added to the scores, or true means hidden."""
    q, layer = np.ones((2, 3, 4)), ScaledDotProductAttention()
    with pytest.raises(ValueError, match=r"broadcast to \(..., T, S\) = \(2, 3, 3\), got \(2, 3\)"):
        layer.forward(q, q, q, np.ones((2, 3), bool))
    with pytest.raises(ValueError, match=r"mask must be boolean \(true = may look\), got float64"):
        layer.forward(q, q, q, np.ones((3, 3)))


def parameters(D: int, biased: bool = True) -> Any:
    return [*RNG.standard_normal((4, D, D)), *(RNG.standard_normal((4, D)) if biased else ())]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(SIZES, st.booleans(), st.booleans())
def test_heads_are_attentions_side_by_side(sizes: Any, causal: bool, masked: bool) -> None:
    """Each over its own columns, written as a loop over heads."""
    N, T, S, heads, K = sizes
    D = heads * K
    Wq, Wk, Wv, Wo, bq, bk, bv, bo = arrays = parameters(D)
    x, context = RNG.standard_normal((N, T, D)), RNG.standard_normal((N, S, D))
    given_mask = [RNG.random((N, T, S)) < 0.5] if masked else []
    q, k, v = x @ Wq + bq, context @ Wk + bk, context @ Wv + bv
    blocks = [slice(h * K, (h + 1) * K) for h in range(heads)]
    one = ScaledDotProductAttention(causal=causal)
    y = [one.forward(q[..., b], k[..., b], v[..., b], *given_mask) for b in blocks]
    layer = MultiHeadCrossAttention(*arrays, heads=heads, causal=causal)
    found = layer.forward(x, context, *given_mask)
    np.testing.assert_allclose(found, np.concatenate(y, axis=-1) @ Wo + bo, rtol=1e-9, atol=1e-12)
    assert [array.shape for array in layer.backward(found)] == [x.shape, context.shape]


@pytest.mark.parametrize("biased", [True, False])
def test_self_attention_is_cross_attention_to_itself(biased: bool) -> None:
    """The gradient is the sum of both."""
    arrays, x = parameters(4, biased), RNG.standard_normal((2, 3, 4))
    own, cross = (
        kind(*arrays, heads=2, causal=True)
        for kind in (MultiHeadAttention, MultiHeadCrossAttention)
    )
    np.testing.assert_array_equal(own.forward(x), cross.forward(x, x))
    dout = RNG.standard_normal(x.shape)
    np.testing.assert_array_equal(own.backward(dout), sum(cross.backward(dout)))
    np.testing.assert_array_equal(own.dWk, cross.dWk)
    assert hasattr(own, "dbo") is biased


def test_the_softmax_does_not_see_the_bias_of_the_keys() -> None:
    """So its gradient is rounding."""
    layer = MultiHeadAttention(*parameters(4), heads=2)
    layer.backward(layer.forward(RNG.standard_normal((2, 3, 4))))
    np.testing.assert_allclose(layer.dbk, np.zeros(4), atol=1e-12)


def test_a_blind_row_gives_the_bias() -> None:
    mask = np.ones((2, 3, 3), bool)
    mask[1, 2] = False
    layer = MultiHeadAttention(*parameters(4), heads=2)
    np.testing.assert_array_equal(layer.forward(np.ones((2, 3, 4)), mask)[1, 2], layer.bo)


@pytest.mark.parametrize(("N", "T"), [(0, 3), (2, 0), (1, 1)])
def test_edges(N: int, T: int) -> None:
    """Nothing in, nothing out."""
    layer = MultiHeadAttention.random(4, heads=2)
    x = np.ones((N, T, 4))
    assert layer.forward(x).shape == layer.backward(x).shape == x.shape
    cross = MultiHeadCrossAttention.random(4, bias=False)
    assert cross.forward(np.ones((2, 3, 4)), np.ones((2, 0, 4))).shape == (2, 3, 4)
    dx, dcontext = cross.backward(np.ones((2, 3, 4)))
    assert not dx.any()
    assert dcontext.shape == (2, 0, 4)


def test_extremes_are_quiet() -> None:
    """Inputs of 1e8 saturate every softmax; warnings are errors here."""
    for size in (1e8, 1e-8):
        layer = MultiHeadAttention.random(4, heads=2, rng=RNG)
        o = layer.forward(size * RNG.standard_normal((2, 5, 4)))
        assert np.isfinite(o).all()
        assert np.isfinite(layer.backward(np.ones_like(o))).all()


def test_a_second_forward_replaces_the_first() -> None:
    layer, fresh = (MultiHeadAttention.random(4, rng=np.random.default_rng(1)) for _ in range(2))
    layer.forward(RNG.standard_normal((5, 6, 4)))
    x = RNG.standard_normal((2, 3, 4))
    for one in (layer, fresh):
        one.backward(one.forward(x))
    np.testing.assert_array_equal(layer.dWq, fresh.dWq)


def test_usual_weights() -> None:
    """The variance is 1/D, biases are zero or left out."""
    layer = MultiHeadAttention.random(100, rng=np.random.default_rng(2), heads=4)
    assert layer.Wv.std() == pytest.approx(0.1, rel=0.02)
    assert layer.bq is not None
    assert not layer.bq.any()
    assert layer.heads == 4
    assert MultiHeadAttention.random(4, bias=False).bo is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Wo": np.ones((4, 3))}, r"the four weights must be \(D, D\) with one D, got"),
        ({"Wq": np.ones(())}, r"the four weights must be \(D, D\) with one D, got"),
        ({"heads": 3}, "heads must divide D = 4, got heads = 3"),
        ({"heads": 0}, "heads must divide D = 4, got heads = 0"),
        ({"bq": np.ones(4)}, r"the biases must be four of \(4,\) or none, got"),
        (dict.fromkeys(("bq", "bk", "bv", "bo"), np.ones(3)), r"the biases must .* got \[\(3,\), "),
    ],
)
def test_parameters_must_fit(change: dict[str, Any], message: str) -> None:
    given_parameters = {name: np.ones((4, 4)) for name in ("Wq", "Wk", "Wv", "Wo")}
    with pytest.raises(ValueError, match=rf"MultiHeadAttention: {message}"):
        MultiHeadAttention(**{**given_parameters, **change})


@pytest.mark.parametrize(
    "shapes", [((2, 3, 5), (2, 3, 4)), ((2, 3, 4), (3, 3, 4)), ((3, 4), (3, 4)), ((), ())]
)
def test_inputs_must_fit(shapes: Any) -> None:
    with pytest.raises(ValueError, match=r"x must be \(N, T, 4\) and context \(N, S, 4\) as"):
        MultiHeadCrossAttention(*parameters(4)).forward(*map(np.ones, shapes))


def test_masks_of_heads_must_fit() -> None:
    with pytest.raises(ValueError, match=r"MultiHeadAttention: mask must broadcast .* \(2, 3, 3\)"):
        MultiHeadAttention(*parameters(4)).forward(np.ones((2, 3, 4)), np.ones((2, 3, 2), bool))
