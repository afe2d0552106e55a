"""Losses: known values, kinds of targets, large logits, empty batches."""

from typing import Any

import numpy as np
import pytest

from layers import CrossEntropy, Softmax, SoftmaxWithLoss

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
