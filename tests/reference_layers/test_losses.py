"""Cross-entropies: known values, kinds of targets, options, large logits, empty batches."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers import CrossEntropy, Softmax, SoftmaxWithLoss, central_difference

RNG = np.random.default_rng(8)
LOGITS = RNG.standard_normal((5, 3))
LABELS = np.array([2, 0, 0, 1, 2])
both_losses = pytest.mark.parametrize("make", [CrossEntropy, SoftmaxWithLoss])


def probabilities(*shape: int) -> Any:
    """Draw rows that sum to one."""
    return Softmax().forward(RNG.standard_normal(shape))


def test_known_gradient() -> None:
    """Saito, sec. 5.6.3: the distance of (0.3, 0.2, 0.5) from its target."""
    loss = SoftmaxWithLoss()
    assert loss.forward(np.log([[0.3, 0.2, 0.5]]), [1]) == pytest.approx(1.6094379, abs=5e-8)
    np.testing.assert_allclose(loss.backward(), [[0.3, -0.8, 0.5]])


@pytest.mark.parametrize(("logits", "expected"), [((1, 8, 3), 0.00762), ((1, 3, 8), 5.0076)])
def test_known_loss(logits: tuple[int, ...], expected: float) -> None:
    """A confident answer costs little when right and much when wrong."""
    assert SoftmaxWithLoss().forward(logits, 1) == pytest.approx(expected, rel=1e-3)


def test_known_cross_entropy() -> None:
    """The mean of -ln 0.5 and -ln 0.25; the gradient carries 1/N."""
    loss = CrossEntropy()
    p = [[0.5, 0.3, 0.2], [0.5, 0.25, 0.25]]
    assert loss.forward(p, [0, 2]) == pytest.approx(1.5 * np.log(2))
    np.testing.assert_allclose(loss.backward(), [[-1, 0, 0], [0, 0, -2]])


@both_losses
def test_labels_are_one_hot_rows(make: Any) -> None:
    """The same loss and the same gradient, under an upstream gradient that is not one."""
    by_label, by_row, p = make(), make(), probabilities(5, 3)
    assert by_label.forward(p, LABELS) == by_row.forward(p, np.eye(3, dtype=int)[LABELS])
    np.testing.assert_array_equal(by_label.backward(-2.5), by_row.backward(-2.5))


@both_losses
@pytest.mark.parametrize("target", [1, [0, 1, 0]])
def test_one_sample_is_a_batch_of_one(make: Any, target: Any) -> None:
    """Without the batch axis; the gradient has none either."""
    single, batch, p = make(), make(), probabilities(3)
    assert single.forward(p, target) == batch.forward([p], [target])
    np.testing.assert_array_equal(single.backward(), batch.backward()[0])


def test_softmax_with_loss_is_softmax_then_cross_entropy() -> None:
    """Also for targets that are distributions, or sum to something else."""
    softmax, entropy, fused = Softmax(), CrossEntropy(), SoftmaxWithLoss()
    t = RNG.uniform(size=(5, 3))
    p = softmax.forward(LOGITS)
    np.testing.assert_allclose(fused.forward(LOGITS, t), entropy.forward(p, t))
    np.testing.assert_allclose(fused.backward(0.7), softmax.backward(entropy.backward(0.7)))


def test_upstream_gradient_is_honoured() -> None:
    """A scaled loss has a scaled gradient."""
    loss = SoftmaxWithLoss()
    loss.forward(LOGITS, LABELS)
    np.testing.assert_allclose(loss.backward(-3.0), -3 * loss.backward())


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_far_apart_logits(dtype: type) -> None:
    """The loss is the distance of the logits, not infinity; warnings are errors here."""
    loss = SoftmaxWithLoss()
    assert loss.forward(np.array([[1e4, -1e4, 0.0]], dtype), [1]) == 2e4
    np.testing.assert_allclose(loss.backward(), [[1, -1, 0]], atol=1e-300)


def test_impossible_classes_cost_nothing_unless_they_are_the_target() -> None:
    """0 ln 0 counts as zero, without a warning."""
    loss = CrossEntropy()
    assert loss.forward([[0.0, 1.0]], [1]) == 0
    np.testing.assert_array_equal(loss.backward(), [[0, -1]])


@both_losses
@pytest.mark.parametrize("target", [[], np.zeros(0, int), np.zeros((0, 3))])
def test_empty_batch_costs_nothing(make: Any, target: Any) -> None:
    """By convention, since the mean over nothing is undefined."""
    loss = make()
    assert loss.forward(np.ones((0, 3)), target) == 0
    assert loss.backward().shape == (0, 3)


@both_losses
@pytest.mark.parametrize(
    ("target", "message"),
    [
        ([0, 3], r"must lie in \[0, C\) with C = 3, got 3"),
        ([0, -1], r"must lie in \[0, C\) with C = 3, got -1"),
        ([0.0, 1.0], "must be integers, got dtype float64"),
        ([0, 1, 2], r"p|x has shape \(2, 3\), so t must have shape \(2,\) \(labels\) or"),
        (np.ones((2, 4)), r"or \(2, 3\) \(one-hot\), got \(2, 4\)"),
    ],
)
def test_targets_must_fit(make: Any, target: Any, message: str) -> None:
    """The error names the axis or the value."""
    with pytest.raises(ValueError, match=message):
        make().forward(np.ones((2, 3)), target)


@both_losses
@pytest.mark.parametrize("shape", [(), (2, 0), (2, 3, 4)])
def test_scores_must_have_classes(make: Any, shape: tuple[int, ...]) -> None:
    """One row per sample, and at least one class."""
    with pytest.raises(ValueError, match=r"must have shape \(N, C\) or \(C,\) with C > 0, got"):
        make().forward(np.ones(shape), 0)


def naive(
    x: Any, t: Any, weight: Any, reduction: str, smoothing: float, ignored: int | None
) -> Any:
    """Cross-entropy of labels, one row at a time, as its definition reads."""
    C = x.shape[1]
    losses, counted = [], []
    for row, label in zip(x, t, strict=True):
        log_p = row - np.log(np.sum(np.exp(row)))
        wanted = np.full(C, smoothing / C)
        wanted[label] += 1 - smoothing
        counts = label != ignored
        losses.append(-sum(weight * wanted * log_p) if counts else 0.0)
        counted.append(weight[label] if counts else 0.0)
    if reduction == "none":
        return np.array(losses)
    return sum(losses) / ((sum(counted) or 1) if reduction == "mean" else 1)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_options_are_those_of_the_naive_loop(data: st.DataObject) -> None:
    """In any combination; the gradient is that of differences."""
    N, C = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**16)))
    reduction = data.draw(st.sampled_from(["mean", "sum", "none"]))
    smoothing = data.draw(st.sampled_from([0.0, 0.1, 1.0]))
    ignored = data.draw(st.sampled_from([None, 0, -100]))
    x, t, weight = rng.standard_normal((N, C)), rng.integers(0, C, N), rng.uniform(0.2, 2, C)
    loss = SoftmaxWithLoss(
        weight, reduction=reduction, label_smoothing=smoothing, ignore_index=ignored
    )
    options = (weight, reduction, smoothing, ignored)
    np.testing.assert_allclose(loss.forward(x, t), naive(x, t, *options), atol=1e-14)
    dout = rng.standard_normal(np.shape(loss.forward(x, t)))
    numeric = central_difference(lambda _: np.sum(naive(x, t, *options) * dout), x)
    np.testing.assert_allclose(loss.backward(dout), numeric, atol=1e-8)


def test_known_label_smoothing() -> None:
    """Of even odds every smoothing costs ln C; the target moves to 1 - s + s/C and s/C."""
    loss = SoftmaxWithLoss(label_smoothing=0.3)
    assert loss.forward(np.zeros((1, 3)), [1]) == pytest.approx(np.log(3))
    np.testing.assert_allclose(loss.backward(), [[1 / 3 - 0.1, 1 / 3 - 0.8, 1 / 3 - 0.1]])


def test_known_weighted_mean() -> None:
    """The mean by weights: labels 0, 0, 1 of weights 1 and 4 have shares 1/6, 1/6, 4/6."""
    loss = SoftmaxWithLoss([1.0, 4.0])
    x = np.log([[0.5, 0.5], [0.5, 0.5], [0.75, 0.25]])
    assert loss.forward(x, [0, 0, 1]) == pytest.approx((2 * np.log(2) + 4 * np.log(4)) / 6)
    np.testing.assert_allclose(loss.backward()[2], [0.75 * 4 / 6, -0.75 * 4 / 6])


def test_weighted_rows_are_divided_by_their_number() -> None:
    """As PyTorch has it: targets given as rows have no label whose weight would count."""
    loss = SoftmaxWithLoss([1.0, 4.0])
    assert loss.forward(np.zeros((2, 2)), np.eye(2)) == pytest.approx(2.5 * np.log(2))


def test_ignored_labels_do_not_count() -> None:
    """Neither in the loss nor in its mean; they may be anything, also no class at all."""
    x = np.vstack([LOGITS, RNG.standard_normal((2, 3))])
    with_padding, plain = SoftmaxWithLoss(ignore_index=-1), SoftmaxWithLoss()
    assert with_padding.forward(x, [*LABELS, -1, -1]) == plain.forward(LOGITS, LABELS)
    dx = with_padding.backward()
    np.testing.assert_array_equal(dx[:5], plain.backward())
    np.testing.assert_array_equal(dx[5:], np.zeros((2, 3)))


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_all_labels_ignored_cost_nothing(reduction: str) -> None:
    """By convention, where the mean over nothing is undefined."""
    loss = SoftmaxWithLoss([1.0, 2, 3], reduction=reduction, ignore_index=1, label_smoothing=0.1)
    assert loss.forward(LOGITS, [1] * 5) == 0
    np.testing.assert_array_equal(loss.backward(), np.zeros((5, 3)))


def test_classes_that_are_ruled_out_cost_nothing() -> None:
    """A logit of -inf, unless the class is the target."""
    loss = SoftmaxWithLoss(reduction="none")
    x = np.array([[0.0, -np.inf, 0.0], [0.0, -np.inf, 0.0]])
    np.testing.assert_allclose(loss.forward(x, [0, 1]), [np.log(2), np.inf])
    np.testing.assert_allclose(loss.backward(np.ones(2)), [[-0.5, 0, 0.5], [0.5, -1, 0.5]])


def test_complex_step() -> None:
    """Complex logits pass through, so their derivative can be read off without cancellation."""
    step = 1e-40
    loss = SoftmaxWithLoss(np.array([1.0, 2.0, 0.5]), label_smoothing=0.1)
    loss.forward(LOGITS, LABELS)
    dx = loss.backward()
    for index in np.ndindex(LOGITS.shape):
        x = LOGITS.astype(complex)
        x[index] += 1j * step
        slope = loss.forward(x, LABELS).imag / step
        assert slope == pytest.approx(dx[index], rel=1e-12, abs=1e-15)


def test_loss_per_row_of_an_empty_batch() -> None:
    """Has no rows."""
    loss = SoftmaxWithLoss(reduction="none")
    assert loss.forward(np.ones((0, 3)), []).shape == (0,)
    assert loss.backward(np.ones(0)).shape == (0, 3)


def test_weights_and_logits_meet_in_the_wider_precision() -> None:
    """Whichever side it is."""
    x = LOGITS.astype(np.float32)
    loss = SoftmaxWithLoss(np.ones(3))
    assert loss.forward(x, LABELS).dtype == loss.backward().dtype == np.float64
    assert SoftmaxWithLoss(np.ones(3, np.float32)).forward(x, LABELS).dtype == np.float32


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reduction": "avg"}, "reduction must be mean, sum or none, got 'avg'"),
        ({"label_smoothing": 1.5}, r"label_smoothing must lie in \[0, 1\], got 1.5"),
    ],
)
def test_options_must_make_sense(options: Any, message: str) -> None:
    """The error names the option."""
    with pytest.raises(ValueError, match=f"SoftmaxWithLoss: {message}"):
        SoftmaxWithLoss(**options)


def test_weights_must_fit_the_classes() -> None:
    """The error shows both shapes."""
    with pytest.raises(ValueError, match=r"weight must have shape .* got \(4,\) and \(5, 3\)"):
        SoftmaxWithLoss(np.ones(4)).forward(LOGITS, LABELS)
