"""Losses over time steps, over alignments, and over drawn words."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.ctc import CTC
from layers.losses import SoftmaxWithLoss
from layers.negative_sampling import NegativeSampling
from layers.sequence_losses import TimeSoftmaxWithLoss

RNG = np.random.default_rng(33)


def softmax(x: Any) -> Any:
    """Without precautions."""
    return np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)


def collapsed(path: tuple[int, ...]) -> tuple[int, ...]:
    """Merge repeats, then drop the blank."""
    return tuple(c for c, _ in itertools.groupby(path) if c != 0)


def every_path(x: Any, labels: tuple[int, ...]) -> tuple[float, Any]:
    """P and dx of -ln P for one sample, by trying all C^T paths."""
    (T, C), y = x.shape, softmax(x)
    total, at = 0.0, np.zeros((T, C))
    for path in itertools.product(range(C), repeat=T):
        if collapsed(path) == labels:
            probability = np.prod(y[np.arange(T), path])
            total += probability
            at[np.arange(T), path] += probability
    return total, y - at / total if total else np.zeros((T, C))


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_ctc_is_the_sum_over_every_path(data: st.DataObject) -> None:
    """Of different lengths, with repeats, without any label, and with no path at all."""
    N, T, C, L = (data.draw(st.integers(1, most)) for most in (3, 5, 3, 3))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**16)))
    reduction = data.draw(st.sampled_from(["mean", "sum", "none"]))
    x, t = rng.standard_normal((N, T, C)), rng.integers(1, max(C, 2), (N, L))
    frames = rng.integers(1, T + 1, N)
    U = rng.integers(0, L + 1, N) if C > 1 else np.zeros(N, int)
    loss = CTC(reduction=reduction, zero_infinity=True)
    value = loss.forward(x, t, frames, U)
    dout = rng.standard_normal(value.shape)
    losses, dx = np.zeros(N), np.zeros_like(x)
    for n in range(N):
        P, dx[n, : frames[n]] = every_path(x[n, : frames[n]], tuple(t[n, : U[n]]))
        losses[n] = -np.log(P) if P else 0
    share = np.maximum(U, 1) * N if reduction == "mean" else np.ones(N)
    expected = losses if reduction == "none" else np.sum(losses / share)
    np.testing.assert_allclose(value, expected, atol=1e-13)
    expected = (dout / share)[:, np.newaxis, np.newaxis] * dx
    np.testing.assert_allclose(loss.backward(dout), expected, atol=1e-13)


@pytest.mark.parametrize(
    ("T", "labels", "probability"),
    [(1, [1], 1 / 2), (2, [1], 3 / 4), (3, [1, 1], 1 / 8), (3, [], 1 / 8)],
)
def test_known_ctc(T: int, labels: list[int], probability: float) -> None:
    """Even odds of blank and a: of aa, ab, ba, bb three spell a; only aba spells aa."""
    t = np.array([labels], int).reshape(1, -1)
    value = CTC(reduction="sum").forward(np.zeros((1, T, 2)), t, [T], [len(labels)])
    assert value == pytest.approx(-np.log(probability))


@pytest.mark.parametrize(("zero_infinity", "expected"), [(False, np.inf), (True, 0.0)])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_labels_without_a_path(zero_infinity: bool, expected: float, reduction: str) -> None:
    """Two frames cannot spell aa; there is no way out, so no slope. No warning either."""
    loss = CTC(zero_infinity=zero_infinity, reduction=reduction)
    assert loss.forward(np.ones((1, 2, 2)), [[1, 1]], [2], [2]).sum() == expected
    dout = np.ones(1) if reduction == "none" else 1.0
    np.testing.assert_array_equal(loss.backward(dout), np.zeros((1, 2, 2)))


def test_padding_of_ctc_is_not_looked_at() -> None:
    """Neither labels behind the target's length, nor frames behind the input's."""
    x = RNG.standard_normal((1, 6, 3))
    short, padded = CTC(), CTC()
    expected = short.forward(x[:, :4], [[2, 1]], [4], [2])
    assert padded.forward(x, [[2, 1, 0, 99]], [4], [2]) == pytest.approx(expected, rel=1e-14)
    dx = padded.backward()
    np.testing.assert_allclose(dx[:, :4], short.backward(), rtol=1e-12)
    np.testing.assert_array_equal(dx[:, 4:], 0 * dx[:, 4:])


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_long_and_far_apart_ctc(dtype: Any) -> None:
    """A thousand frames and logits of 1e4: probabilities that only their logarithms can hold."""
    loss = CTC()
    x = np.zeros((1, 1000, 5), dtype)
    labels = np.tile([1, 2, 3], 100)[np.newaxis]
    assert np.isfinite(loss.forward(x, labels, [1000], [300]))
    np.testing.assert_allclose(loss.backward().sum(axis=-1), 0, atol=1e-4)
    x = dtype([[[-1e4, 1e4, 0], [0, -1e4, 1e4]]])
    assert CTC().forward(x, [[1, 2]], [2], [2]) == 0
    assert CTC().forward(x, [[2, 1]], [2], [2]) == (1e4 + 2e4) / 2


def test_shares_of_huge_logits_stay_shares() -> None:
    """Where a float32 of 1e9 is only good to 64, no gradient leaves [-1, 1]. No warning either."""
    loss = CTC(reduction="none")
    x = np.float32(1e8) * RNG.standard_normal((20, 10, 5)).astype(np.float32)
    t, lengths = RNG.integers(1, 5, (20, 4)), np.full(20, 10)
    assert np.isfinite(loss.forward(x, t, lengths, np.full(20, 4))).all()
    dx = loss.backward(np.ones(20))
    assert np.abs(dx).max() <= 1 + 1e-5
    np.testing.assert_allclose(dx.sum(axis=-1), 0, atol=1e-5)


def test_empty_batches() -> None:
    """Cost nothing."""
    none = np.zeros(0, int)
    ctc, sampling, time = CTC(), NegativeSampling(np.ones((4, 3))), TimeSoftmaxWithLoss()
    assert ctc.forward(np.ones((0, 5, 3)), np.ones((0, 2), int), none, none) == 0
    assert ctc.backward().shape == (0, 5, 3)
    assert sampling.forward(np.ones((0, 3)), none, np.ones((0, 2), int)) == 0
    assert sampling.backward().shape == (0, 3)
    np.testing.assert_array_equal(sampling.dW, np.zeros((4, 3)))
    assert time.forward(np.ones((0, 5, 3)), np.ones((0, 5), int)) == 0
    assert time.backward().shape == (0, 5, 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (np.ones((2, 5)), [[1], [1]], [5, 5], [1, 1]),
            r"must have shape \(N, T, C\) .* got \(2, 5\)",
        ),
        ((np.ones((2, 5, 3)), [1, 1], [5, 5], [1, 1]), r"t \(N, L\), .* \(2,\), \(2,\) and \(2,\)"),
        ((np.ones((2, 5, 3)), [[1], [1]], [5], [1, 1]), r"got .* \(1,\) and \(2,\)"),
        (
            (np.ones((2, 5, 3)), [[1], [1]], [5, 6], [1, 1]),
            r"input_lengths must lie in \[1, T\+1\)",
        ),
        ((np.ones((2, 5, 3)), [[1], [1]], [5, 0], [1, 1]), r"T\+1 = 6, got 0"),
        ((np.ones((2, 5, 3)), [[1], [1]], [5, 5], [1, 2]), r"target_lengths must .* got 2"),
        (
            (np.ones((2, 5, 3)), [[1], [3]], [5, 5], [1, 1]),
            r"labels t must lie in \[1, C\) .* got 3",
        ),
        (
            (np.ones((2, 5, 3)), [[1], [0]], [5, 5], [1, 1]),
            r"labels t must lie in \[1, C\) .* got 0",
        ),
    ],
)
def test_arguments_of_ctc_must_fit(arguments: Any, message: str) -> None:
    """The error names the array."""
    with pytest.raises(ValueError, match=message):
        CTC().forward(*arguments)


def test_time_softmax_is_the_softmax_loss_of_all_steps() -> None:
    """Each step a row, where no step is ignored."""
    x, t = RNG.standard_normal((2, 3, 4)), RNG.integers(0, 4, (2, 3))
    time, rows = TimeSoftmaxWithLoss(), SoftmaxWithLoss()
    assert time.forward(x, t) == pytest.approx(rows.forward(x.reshape(6, 4), t.ravel()))
    np.testing.assert_allclose(time.backward(0.3), rows.backward(0.3).reshape(x.shape))


def test_ignored_steps_do_not_count() -> None:
    """Neither in the sum nor in the mean."""
    x, t = RNG.standard_normal((2, 2, 3)), np.array([[2, -1], [-1, 0]])
    loss, p = TimeSoftmaxWithLoss(), softmax(x)
    expected = -(np.log(p[0, 0, 2]) + np.log(p[1, 1, 0])) / 2
    assert loss.forward(x, t) == pytest.approx(expected)
    dx = loss.backward()
    np.testing.assert_allclose(dx[0, 0], (p[0, 0] - [0, 0, 1]) / 2)
    np.testing.assert_array_equal(dx[t == -1], np.zeros((2, 3)))
    assert loss.forward(x, np.full((2, 2), -1)) == 0
    np.testing.assert_array_equal(loss.backward(), np.zeros_like(x))


def test_time_softmax_far_apart() -> None:
    """The distance of the logits, not infinity."""
    loss = TimeSoftmaxWithLoss(ignore_label=None)
    assert loss.forward([[[1e4, -1e4]]], [[1]]) == 2e4
    with pytest.raises(ValueError, match="got -1"):
        loss.forward([[[1e4, -1e4]]], [[-1]])
    with pytest.raises(ValueError, match=r"got \(1, 2\) and \(1,\)"):
        loss.forward([[1e4, -1e4]], [1])


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_negative_sampling_is_the_naive_loop(data: st.DataObject) -> None:
    """One question at a time; ids repeat, and a word may be its own negative."""
    N, D, V, K = (data.draw(st.integers(least, 4)) for least in (1, 1, 1, 0))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**16)))
    reduction = data.draw(st.sampled_from(["mean", "sum", "none"]))
    h, W = rng.standard_normal((N, D)), rng.standard_normal((V, D))
    t, negatives = rng.integers(0, V, N), rng.integers(0, V, (N, K))
    loss = NegativeSampling(W, reduction=reduction)
    value = loss.forward(h, t, negatives)
    dout = rng.standard_normal(value.shape)
    dh, losses, dW, dlosses = loss.backward(dout), np.zeros(N), np.zeros_like(W), np.zeros_like(h)
    share = np.broadcast_to(dout / (N if reduction == "mean" else 1), N)
    for n in range(N):
        for word, answer in [(t[n], 1), *((word, 0) for word in negatives[n])]:
            p = 1 / (1 + np.exp(-h[n] @ W[word]))
            losses[n] -= np.log(p if answer else 1 - p)
            dlosses[n] += share[n] * (p - answer) * W[word]
            dW[word] += share[n] * (p - answer) * h[n]
    expected = losses if reduction == "none" else getattr(np, reduction)(losses)
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    np.testing.assert_allclose(dh, dlosses, atol=1e-12)
    np.testing.assert_allclose(loss.dW, dW, atol=1e-12)


def test_sure_negative_sampling() -> None:
    """Scores of 1e4: wrong and sure costs as much, right and sure nothing."""
    loss = NegativeSampling([[100.0], [-100.0]], reduction="none")
    np.testing.assert_array_equal(loss.forward([[100.0], [100.0]], [0, 1], [[1], [0]]), [0, 2e4])
    np.testing.assert_array_equal(loss.backward(np.ones(2)), [[0], [200]])
    np.testing.assert_array_equal(loss.dW, [[100], [-100]])


def test_random_negative_sampling() -> None:
    """Small weights of the sizes asked for, the same for the same generator."""
    one, two = (NegativeSampling.random(50, 40, rng=np.random.default_rng(1)) for _ in "ab")
    assert one.W.shape == (50, 40)
    assert one.W.std() == pytest.approx(0.01, rel=0.1)
    np.testing.assert_array_equal(one.W, two.W)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.ones((2, 4)), [0, 0], [[0], [0]]), r"\(N, D\) with D = 3, .* got \(2, 4\)"),
        ((np.ones((2, 3)), [0], [[0], [0]]), r"got \(2, 3\), \(1,\) and \(2, 1\)"),
        ((np.ones((2, 3)), [0, 0], [0, 0]), r"got \(2, 3\), \(2,\) and \(2,\)"),
        ((np.ones((2, 3)), [0, 5], [[0], [0]]), r"ids t must lie in \[0, V\) with V = 5, got 5"),
        ((np.ones((2, 3)), [0, 0], [[0], [-1]]), r"ids negatives must lie in \[0, V\) .* got -1"),
    ],
)
def test_arguments_of_negative_sampling_must_fit(arguments: Any, message: str) -> None:
    """The error names the array."""
    with pytest.raises(ValueError, match=message):
        NegativeSampling(np.ones((5, 3))).forward(*arguments)


def test_weights_of_negative_sampling_are_rows() -> None:
    """The error shows the shape."""
    with pytest.raises(ValueError, match=r"W must have shape \(V, D\), got \(3,\)"):
        NegativeSampling(np.ones(3))
