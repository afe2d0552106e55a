"""Binary, margin and log-probability losses, and the divergence of distributions."""

from typing import Any

import numpy as np
import pytest

from layers.classification_losses import NegativeLogLikelihood, SigmoidWithLoss
from layers.divergence_losses import KLDivergence
from layers.losses import CrossEntropy, SoftmaxWithLoss
from layers.margin_losses import Hinge, MulticlassHinge

RNG = np.random.default_rng(31)
X, BITS = RNG.standard_normal((5, 3)), RNG.integers(0, 2, (5, 3))
LABELS = np.array([2, 0, 0, 1, 2])
REDUCTIONS = ("mean", "sum", "none")
SLOPES = {
    SigmoidWithLoss: (X, BITS),
    Hinge: (X, BITS),
    MulticlassHinge: (X, LABELS),
    NegativeLogLikelihood: (X, LABELS),
    KLDivergence: (X, np.exp(X) / np.exp(X).sum(axis=1, keepdims=True)),
}
every_loss = pytest.mark.parametrize("make", SLOPES, ids=lambda make: make.__name__)


@every_loss
def test_reductions_agree(make: Any) -> None:
    """The sum adds what none keeps, the default divides it; and so do the gradients."""
    arguments = SLOPES[make]
    kept, summed, default = make(reduction="none"), make(reduction="sum"), make()
    losses = kept.forward(*arguments)
    count = 5 if make is KLDivergence else losses.size
    assert summed.forward(*arguments) == pytest.approx(losses.sum())
    assert default.forward(*arguments) == pytest.approx(losses.sum() / count)
    dx = kept.backward(np.full(losses.shape, 0.7))
    np.testing.assert_allclose(summed.backward(0.7), dx)
    np.testing.assert_allclose(default.backward(0.7), dx / count)


@every_loss
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_empty_batch(make: Any, reduction: str) -> None:
    """Costs nothing, and its gradient has no rows."""
    arguments = [one[:0] for one in SLOPES[make]]
    loss = make(reduction=reduction)
    value = loss.forward(*arguments)
    assert value.sum() == 0
    assert loss.backward(np.ones(value.shape)).shape == (0, 3)


@every_loss
def test_another_batch_size_replaces_the_cache(make: Any) -> None:
    """Nothing is left of the first forward."""
    loss, fresh = make(), make()
    loss.forward(*SLOPES[make])
    half = [one[:2] for one in SLOPES[make]]
    assert loss.forward(*half) == fresh.forward(*half)
    np.testing.assert_array_equal(loss.backward(), fresh.backward())


@every_loss
def test_unknown_reduction_is_refused(make: Any) -> None:
    """The error names layer and choices."""
    with pytest.raises(
        ValueError, match=rf"{make.__name__}: reduction must be .* or none, got 'x'"
    ):
        make(reduction="x")


@every_loss
def test_targets_of_another_shape_are_refused(make: Any) -> None:
    """The error names the layer and both shapes."""
    x, t = SLOPES[make]
    with pytest.raises(ValueError, match=rf"{make.__name__}.forward: .*\(5,.*\(4,"):
        make().forward(x, t[:4])


def test_known_binary_loss() -> None:
    """Saito's y = 0.8: -ln 0.8 if the answer is yes; the gradient is y - t."""
    loss = SigmoidWithLoss()
    assert loss.forward([np.log(4)], [1]) == pytest.approx(-np.log(0.8))
    np.testing.assert_allclose(loss.backward(), [-0.2])


def test_binary_loss_is_the_softmax_one_of_two_classes() -> None:
    """With the other logit zero."""
    two, one = SoftmaxWithLoss(), SigmoidWithLoss()
    x, t = X[:, 0], BITS[:, 0]
    expected = two.forward(np.stack([np.zeros(5), x], axis=1), t)
    assert one.forward(x, t) == pytest.approx(expected)
    np.testing.assert_allclose(one.backward(), two.backward()[:, 1])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_extreme_binary_logits(dtype: Any) -> None:
    """The loss grows like |x| on the wrong side; on the right one the gradient keeps its digits."""
    loss = SigmoidWithLoss(reduction="none")
    x = np.array([1e4, -1e4, 1e4, -1e4, 1e-4], dtype)
    losses = loss.forward(x, [0, 1, 1, 0, 1])
    np.testing.assert_allclose(losses[:4], [1e4, 1e4, 0, 0], atol=1e-300)
    np.testing.assert_allclose(loss.backward(np.ones(5))[:4], [1, -1, 0, 0], atol=1e-300)
    loss.forward(np.array([40.0]), [1])
    np.testing.assert_allclose(loss.backward(np.ones(1)), [-np.exp(-40)], rtol=1e-14)


def test_positive_weight_counts_positives_more() -> None:
    """Like that many copies of them, except that the mean is over the elements."""
    x, t = np.array([0.3, -0.2]), np.array([1, 0])
    weighted, copied = SigmoidWithLoss(3.0, reduction="sum"), SigmoidWithLoss(reduction="sum")
    expected = copied.forward([0.3, 0.3, 0.3, -0.2], [1, 1, 1, 0])
    assert weighted.forward(x, t) == pytest.approx(expected)
    dx = copied.backward()
    np.testing.assert_allclose(weighted.backward(), [dx[:3].sum(), dx[3]])


@pytest.mark.parametrize("target", [[1.5, 0], [-1, 0], [np.nan, 0]])
@pytest.mark.parametrize("make", [SigmoidWithLoss, Hinge])
def test_binary_targets_are_shares(make: Any, target: Any) -> None:
    """No -1 and +1, no percentages."""
    with pytest.raises(ValueError, match=r"targets t must lie in \[0, 1\]"):
        make().forward([1.0, 2.0], target)


def test_hinge_has_no_half_labels() -> None:
    """Yes or no."""
    with pytest.raises(ValueError, match=r"Hinge.forward: labels t must be 0 or 1"):
        Hinge().forward([1.0], [0.5])


def test_positive_weight_must_broadcast() -> None:
    """The error shows both shapes."""
    with pytest.raises(ValueError, match=r"pos_weight of shape \(4,\) must .* shape \(5, 3\)"):
        SigmoidWithLoss(np.ones(4)).forward(X, BITS)


def test_known_hinge() -> None:
    """Right and far, right and near, wrong; and at the kink no slope."""
    loss = Hinge(reduction="none")
    np.testing.assert_array_equal(
        loss.forward([2.0, 0.25, 0.5, 1], [1, 1, 0, 1]), [0, 0.75, 1.5, 0]
    )
    np.testing.assert_array_equal(loss.backward([1, 1, 2, 1]), [0, -1, 2, 0])


def test_known_multiclass_hinge() -> None:
    """The example of CS231n: scores 13, -7, 11 with the first class right and margin 10."""
    loss = MulticlassHinge(margin=10.0)
    assert loss.forward([13.0, -7, 11], 0) == 8
    np.testing.assert_array_equal(loss.backward(), [-1, 0, 1])


def test_multiclass_hinge_is_the_naive_loop() -> None:
    """Every class but the right one, one at a time; ties at the margin do not pull."""
    x, loss = np.round(3 * X), MulticlassHinge()
    total, dx = 0.0, np.zeros_like(x)
    for n, right in enumerate(LABELS):
        for j in range(3):
            slack = x[n, j] - x[n, right] + 1
            if j != right and slack > 0:
                total += slack / 5
                dx[n, j] += 1 / 5
                dx[n, right] -= 1 / 5
    assert loss.forward(x, LABELS) == pytest.approx(total)
    np.testing.assert_allclose(loss.backward(), dx, atol=1e-15)


def test_log_likelihood_is_cross_entropy_of_logarithms() -> None:
    """Weighted mean and ignored labels too."""
    w = np.array([0.5, 1, 2])
    log_p = X - np.log(np.exp(X).sum(axis=1, keepdims=True))
    ours, fused = (make(w, ignore_index=0) for make in (NegativeLogLikelihood, SoftmaxWithLoss))
    assert ours.forward(log_p, LABELS) == pytest.approx(fused.forward(X, LABELS))
    assert NegativeLogLikelihood().forward(log_p, LABELS) == pytest.approx(
        CrossEntropy().forward(np.exp(log_p), LABELS)
    )


def test_known_log_likelihood() -> None:
    """The weights 1 and 3 of the two labels are their shares of the mean."""
    loss = NegativeLogLikelihood([1.0, 3.0])
    assert loss.forward([[-1.0, -5.0], [-7.0, -2.0]], [0, 1]) == 1.75
    np.testing.assert_array_equal(loss.backward(2.0), [[-0.5, 0], [0, -1.5]])


def test_impossible_log_probabilities() -> None:
    """-inf costs nothing where no label asks for it, infinity where one does."""
    loss = NegativeLogLikelihood(reduction="none")
    x = [[0.0, -np.inf], [0.0, -np.inf]]
    np.testing.assert_array_equal(loss.forward(x, [0, 1]), [0, np.inf])
    np.testing.assert_array_equal(loss.backward([1, 1]), [[-1, 0], [0, -1]])


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_all_labels_ignored_cost_nothing(reduction: str) -> None:
    """By convention, where the mean over nothing is undefined."""
    loss = NegativeLogLikelihood(reduction=reduction, ignore_index=-100)
    assert loss.forward(X, [-100] * 5) == 0
    np.testing.assert_array_equal(loss.backward(), np.zeros((5, 3)))


def test_known_divergence() -> None:
    """Of (1/2, 1/2) from (1/4, 3/4), as half the logarithm of 4/3; minus t is the slope."""
    loss = KLDivergence()
    value = loss.forward(np.log([[0.25, 0.75]]), [[0.5, 0.5]])
    assert value == pytest.approx(0.5 * np.log(4 / 3))
    np.testing.assert_array_equal(loss.backward(), [[-0.5, -0.5]])


def test_divergence_from_oneself_is_nothing() -> None:
    """And one row without a batch axis is a batch of one."""
    p = np.array([0.25, 0.0, 0.75])
    log_p = np.log(p, where=p > 0, out=np.full(3, -np.inf))
    assert KLDivergence().forward(log_p, p) == 0
    assert KLDivergence(reduction="mean").forward(log_p, np.eye(3)[0]) == np.log(4) / 3


def test_divergence_of_the_impossible() -> None:
    """Is infinite, without a warning; its slope is still -t."""
    loss = KLDivergence()
    assert loss.forward([[0.0, -np.inf]], [[0.5, 0.5]]) == np.inf
    np.testing.assert_array_equal(loss.backward(), [[-0.5, -0.5]])


def test_probabilities_are_not_negative() -> None:
    """The logarithm would not be real."""
    with pytest.raises(ValueError, match="probabilities t must not be negative"):
        KLDivergence().forward([[0.0, 0.0]], [[-0.5, 1.5]])


def test_complex_step() -> None:
    """Complex log-probabilities pass through what is linear in them."""
    x = X.astype(complex)
    x[1, 0] += 1e-40j
    for make in (NegativeLogLikelihood, KLDivergence):
        loss, t = make(), SLOPES[make][1]
        slope = loss.forward(x, t).imag / 1e-40
        loss.forward(X, t)
        assert slope == pytest.approx(loss.backward()[1, 0], rel=1e-12)
