"""Losses against PyTorch's functional ones, and against formulas made of SciPy's functions."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from layers.classification_losses import NegativeLogLikelihood, SigmoidWithLoss
from layers.ctc import CTC
from layers.divergence_losses import KLDivergence
from layers.losses import CrossEntropy, SoftmaxWithLoss
from layers.margin_losses import Hinge, MulticlassHinge
from layers.negative_sampling import NegativeSampling
from layers.regression_losses import Huber, MeanAbsoluteError, MeanSquaredError, SmoothL1
from layers.sequence_losses import TimeSoftmaxWithLoss
from tests.oracles.comparison import Array, Comparison, Pair

REDUCTIONS = ("mean", "sum", "none")
Rng = np.random.Generator


def against_torch(
    layer: Any, inputs: tuple[Array, ...], theirs: Callable[..., Any], rng: Rng, learned: int = 1
) -> Iterable[Pair]:
    """Compare loss and gradients; ``theirs`` takes tensors of the inputs, then of W if any.

    The first ``learned`` inputs have a gradient in both.
    """
    import torch

    tensors = [torch.tensor(np.asarray(one)) for one in inputs]
    W = getattr(layer, "W", None)
    tensors += [] if W is None else [torch.tensor(W)]
    followed = tensors[:learned] + ([] if W is None else tensors[-1:])
    for tensor in followed:
        tensor.requires_grad_(True)
    loss = layer.forward(*inputs)
    expected = theirs(*tensors)
    dout = rng.standard_normal(np.shape(loss))
    gradients = [layer.backward(dout)]
    gradients += [] if W is None else [layer.dW]
    expected.backward(torch.tensor(dout))
    yield "loss", loss, expected.detach().numpy()
    for number, (ours, tensor) in enumerate(zip(gradients, followed, strict=True)):
        yield f"gradient {number}", ours, tensor.grad.numpy()


def softmax_with_loss(
    reduction: str, kind: str, weighted: bool, smoothing: float, ignore: int | None
) -> Callable[[Rng], Iterable[Pair]]:
    def pairs(rng: Rng) -> Iterable[Pair]:
        import torch
        from torch.nn.functional import cross_entropy

        x = 3 * rng.standard_normal((7, 5))
        weight = rng.uniform(0.2, 2, 5) if weighted else None
        t = rng.integers(0, 5, 7) if kind == "labels" else rng.dirichlet(np.ones(5), 7)
        layer = SoftmaxWithLoss(
            weight, reduction=reduction, label_smoothing=smoothing, ignore_index=ignore
        )
        further: dict[str, Any] = {"reduction": reduction, "label_smoothing": smoothing}
        further |= {"weight": None if weight is None else torch.tensor(weight)}
        further |= {} if ignore is None or kind == "rows" else {"ignore_index": ignore}
        yield from against_torch(layer, (x, t), lambda x, t: cross_entropy(x, t, **further), rng)

    return pairs


def nll(reduction: str, weighted: bool, ignore: int | None) -> Callable[[Rng], Iterable[Pair]]:
    def pairs(rng: Rng) -> Iterable[Pair]:
        import torch
        from torch.nn.functional import nll_loss

        x, t = rng.standard_normal((7, 4)), rng.integers(0, 4, 7)
        weight = rng.uniform(0.2, 2, 4) if weighted else None
        layer = NegativeLogLikelihood(weight, reduction=reduction, ignore_index=ignore)
        further: dict[str, Any] = {"reduction": reduction}
        further |= {"weight": None if weight is None else torch.tensor(weight)}
        further |= {} if ignore is None else {"ignore_index": ignore}
        yield from against_torch(layer, (x, t), lambda x, t: nll_loss(x, t, **further), rng)

    return pairs


def time_softmax(ignore: int) -> Callable[[Rng], Iterable[Pair]]:
    def pairs(rng: Rng) -> Iterable[Pair]:
        from torch.nn.functional import cross_entropy

        x, t = rng.standard_normal((3, 4, 5)), rng.integers(min(ignore, 0), 5, (3, 4))
        t[0, 0] = ignore

        def theirs(x: Any, t: Any) -> Any:
            return cross_entropy(x.flatten(0, 1), t.flatten(), ignore_index=ignore)

        yield from against_torch(TimeSoftmaxWithLoss(ignore_label=ignore), (x, t), theirs, rng)

    return pairs


def probabilities(kind: str) -> Callable[[Rng], Iterable[Pair]]:
    def pairs(rng: Rng) -> Iterable[Pair]:
        p, t = rng.dirichlet(np.ones(4), 6), rng.dirichlet(np.ones(4), 6)
        t = np.eye(4)[rng.integers(0, 4, 6)] if kind == "one-hot" else t
        yield from against_torch(
            CrossEntropy(), (p, t), lambda p, t: -(t * p.log()).sum() / len(p), rng
        )

    return pairs


def binary(reduction: str, targets: str, weighted: bool) -> Callable[[Rng], Iterable[Pair]]:
    def pairs(rng: Rng) -> Iterable[Pair]:
        import torch
        from torch.nn.functional import binary_cross_entropy_with_logits as reference

        x = 5 * rng.standard_normal((4, 3))
        t = rng.uniform(size=(4, 3)) if targets == "soft" else rng.integers(0, 2, (4, 3))
        v = rng.uniform(0.2, 3, 3) if weighted else None
        layer = SigmoidWithLoss(v, reduction=reduction)

        def theirs(x: Any, t: Any) -> Any:
            pos_weight = None if v is None else torch.tensor(v)
            return reference(x, t.double(), pos_weight=pos_weight, reduction=reduction)

        yield from against_torch(layer, (x, t), theirs, rng)

    return pairs


def elementwise(
    make: Callable[..., Any], function: str, reduction: str, **options: float
) -> Callable[[Rng], Iterable[Pair]]:
    def pairs(rng: Rng) -> Iterable[Pair]:
        from torch.nn import functional

        shape = [(6,), (4, 3), (2, 2, 3, 2)][rng.integers(3)]
        y, t = rng.standard_normal((2, *shape))
        layer, reference = make(reduction=reduction, **options), getattr(functional, function)
        yield from against_torch(
            layer, (y, t), lambda y, t: reference(y, t, reduction=reduction, **options), rng
        )

    return pairs


def hinge(reduction: str, margin: float) -> Callable[[Rng], Iterable[Pair]]:
    def pairs(rng: Rng) -> Iterable[Pair]:
        x, t = rng.standard_normal((5, 3)), rng.integers(0, 2, (5, 3))

        def theirs(x: Any, t: Any) -> Any:
            losses = (margin - (2 * t - 1) * x).clamp(min=0)
            return losses if reduction == "none" else getattr(losses, reduction)()

        layer = Hinge(reduction=reduction, margin=margin)
        yield from against_torch(layer, (x, t), theirs, rng)

    return pairs


def multiclass_hinge(reduction: str, margin: float) -> Callable[[Rng], Iterable[Pair]]:
    def pairs(rng: Rng) -> Iterable[Pair]:
        from torch.nn.functional import multi_margin_loss

        x, t = rng.standard_normal((6, 4)), rng.integers(0, 4, 6)

        def theirs(x: Any, t: Any) -> Any:  # PyTorch divides every row by the number of classes
            return 4 * multi_margin_loss(x, t, margin=margin, reduction=reduction)

        layer = MulticlassHinge(reduction=reduction, margin=margin)
        yield from against_torch(layer, (x, t), theirs, rng)

    return pairs


def divergence(reduction: str) -> Callable[[Rng], Iterable[Pair]]:
    def pairs(rng: Rng) -> Iterable[Pair]:
        from torch.nn.functional import kl_div

        x, t = rng.standard_normal((4, 5)), rng.dirichlet(np.ones(5), 4)
        t[0] = np.eye(5)[2]

        def theirs(x: Any, t: Any) -> Any:
            if reduction == "mean":  # theirs warns that mean is to become batchmean
                return kl_div(x, t, reduction="none").mean()
            return kl_div(x, t, reduction=reduction)

        yield from against_torch(KLDivergence(reduction=reduction), (x, t), theirs, rng)

    return pairs


def ctc(reduction: str, zero_infinity: bool) -> Callable[[Rng], Iterable[Pair]]:
    def pairs(rng: Rng) -> Iterable[Pair]:
        from torch.nn.functional import ctc_loss

        x, t = 2 * rng.standard_normal((5, 11, 4)), rng.integers(1, 4, (5, 4))
        frames, labels = rng.integers(9, 12, 5), rng.integers(0, 5, 5)
        if zero_infinity:  # three frames cannot spell two equal labels and two more
            frames[1], labels[1] = 3, 4

        def theirs(x: Any, t: Any, frames: Any, labels: Any) -> Any:
            log_p = x.log_softmax(-1).transpose(0, 1)
            return ctc_loss(
                log_p, t, frames, labels, reduction=reduction, zero_infinity=zero_infinity
            )

        layer = CTC(reduction=reduction, zero_infinity=zero_infinity)
        yield from against_torch(layer, (x, t, frames, labels), theirs, rng)

    return pairs


def negative_sampling(reduction: str) -> Callable[[Rng], Iterable[Pair]]:
    def pairs(rng: Rng) -> Iterable[Pair]:
        from torch.nn.functional import logsigmoid

        h, W = rng.standard_normal((6, 3)), rng.standard_normal((4, 3))
        t, u = rng.integers(0, 4, 6), rng.integers(0, 4, (6, 5))

        def theirs(h: Any, t: Any, u: Any, W: Any) -> Any:
            right = logsigmoid((h * W[t]).sum(-1))
            wrong = logsigmoid(-(h[:, None] * W[u]).sum(-1)).sum(-1)
            losses = -right - wrong
            return losses if reduction == "none" else getattr(losses, reduction)()

        layer = NegativeSampling(W, reduction=reduction)
        yield from against_torch(layer, (h, t, u), theirs, rng)

    return pairs


def scipy_softmax(rng: Rng) -> Iterable[Pair]:
    from scipy.special import logsumexp, softmax

    layer, x, t = SoftmaxWithLoss(), 40 * rng.standard_normal((6, 5)), rng.integers(0, 5, 6)
    rows = np.arange(6)
    yield "loss", layer.forward(x, t), np.mean(logsumexp(x, axis=1) - x[rows, t])
    yield "dx", layer.backward(), (softmax(x, axis=1) - np.eye(5)[t]) / 6


def scipy_sigmoid(rng: Rng) -> Iterable[Pair]:
    from scipy.special import expit, log_expit

    layer, x, t = SigmoidWithLoss(), 40 * rng.standard_normal((6, 5)), rng.uniform(size=(6, 5))
    yield "loss", layer.forward(x, t), -np.mean(t * log_expit(x) + (1 - t) * log_expit(-x))
    yield "dx", layer.backward(), (expit(x) - t) / x.size


def scipy_huber(rng: Rng) -> Iterable[Pair]:
    from scipy.special import huber

    layer, (y, t) = Huber(reduction="none", delta=0.7), rng.standard_normal((2, 5, 4))
    yield "loss", layer.forward(y, t), huber(0.7, y - t)


def scipy_divergence(rng: Rng) -> Iterable[Pair]:
    from scipy.special import rel_entr

    layer, (p, t) = KLDivergence(), rng.dirichlet(np.ones(5), (2, 4))
    t[0] = np.eye(5)[1]
    yield "loss", layer.forward(np.log(p), t), rel_entr(t, p).sum(axis=1).mean()


def scipy_probabilities(rng: Rng) -> Iterable[Pair]:
    from scipy.special import entr, rel_entr

    layer, (p, t) = CrossEntropy(), rng.dirichlet(np.ones(5), (2, 4))
    yield "loss", layer.forward(p, t), (entr(t) + rel_entr(t, p)).sum(axis=1).mean()


def scipy_time_softmax(rng: Rng) -> Iterable[Pair]:
    from scipy.special import log_softmax

    layer, x, t = TimeSoftmaxWithLoss(), rng.standard_normal((3, 4, 5)), rng.integers(0, 5, (3, 4))
    chosen = np.take_along_axis(log_softmax(x, axis=-1), t[..., np.newaxis], axis=-1)
    yield "loss", layer.forward(x, t), -chosen.mean()


def scipy_negative_sampling(rng: Rng) -> Iterable[Pair]:
    from scipy.special import log_expit

    h, W = rng.standard_normal((6, 3)), rng.standard_normal((4, 3))
    t, u = rng.integers(0, 4, 6), rng.integers(0, 4, (6, 5))
    scores = h @ W.T
    rows = np.arange(6)
    right, wrong = log_expit(scores[rows, t]), log_expit(-scores[rows[:, np.newaxis], u])
    yield "loss", NegativeSampling(W).forward(h, t, u), -(right + wrong.sum(axis=1)).mean()


def _softmax_comparisons() -> Iterable[Comparison]:
    oracle = "torch.nn.functional.cross_entropy"
    for reduction, kind, weighted, smoothing, ignore in itertools.product(
        REDUCTIONS, ("labels", "rows"), (False, True), (0.0, 0.1), (None, 0)
    ):
        words = f"{reduction}, {kind}, {weighted=}, {smoothing=}, {ignore=}"
        pairs = softmax_with_loss(reduction, kind, weighted, smoothing, ignore)
        yield Comparison("SoftmaxWithLoss", oracle, words, pairs)


def _classification_comparisons() -> Iterable[Comparison]:
    for reduction, weighted, ignore in itertools.product(REDUCTIONS, (False, True), (None, 0)):
        words = f"{reduction}, {weighted=}, {ignore=}"
        pairs = nll(reduction, weighted, ignore)
        yield Comparison("NegativeLogLikelihood", "torch.nn.functional.nll_loss", words, pairs)
    oracle = "torch.nn.functional.binary_cross_entropy_with_logits"
    for reduction, kind, weighted in itertools.product(REDUCTIONS, ("hard", "soft"), (False, True)):
        pairs = binary(reduction, kind, weighted)
        yield Comparison("SigmoidWithLoss", oracle, f"{reduction}, {kind}, {weighted=}", pairs)
    for reduction, margin in itertools.product(REDUCTIONS, (1.0, 0.5)):
        words = f"{reduction}, {margin=}"
        yield Comparison("Hinge", "torch.autograd", words, hinge(reduction, margin))
        pairs = multiclass_hinge(reduction, margin)
        oracle = "torch.nn.functional.multi_margin_loss"
        yield Comparison("MulticlassHinge", oracle, words, pairs)


def _regression_comparisons() -> Iterable[Comparison]:
    rows: tuple[tuple[Any, str, dict[str, float]], ...] = (
        (MeanSquaredError, "mse_loss", {}),
        (MeanAbsoluteError, "l1_loss", {}),
        (Huber, "huber_loss", {}),
        (Huber, "huber_loss", {"delta": 0.5}),
        (SmoothL1, "smooth_l1_loss", {}),
        (SmoothL1, "smooth_l1_loss", {"beta": 0.5}),
    )
    for (make, function, options), reduction in itertools.product(rows, REDUCTIONS):
        pairs = elementwise(make, function, reduction, **options)
        oracle, words = f"torch.nn.functional.{function}", f"{reduction}, {options}"
        yield Comparison(make.__name__, oracle, words, pairs)


def _remaining_comparisons() -> Iterable[Comparison]:
    for kind in ("one-hot", "rows"):
        yield Comparison("CrossEntropy", "torch.autograd", kind, probabilities(kind))
    for ignore in (-1, 0):
        oracle, words = "torch.nn.functional.cross_entropy", f"{ignore=}"
        yield Comparison("TimeSoftmaxWithLoss", oracle, words, time_softmax(ignore))
    for reduction in ("batchmean", *REDUCTIONS):
        pairs = divergence(reduction)
        yield Comparison("KLDivergence", "torch.nn.functional.kl_div", reduction, pairs)
    for reduction in REDUCTIONS:
        pairs = negative_sampling(reduction)
        yield Comparison("NegativeSampling", "torch.nn.functional.logsigmoid", reduction, pairs)
        for zero_infinity in (False, True):
            words, pairs = f"{reduction}, {zero_infinity=}", ctc(reduction, zero_infinity)
            yield Comparison("CTC", "torch.nn.functional.ctc_loss", words, pairs)


COMPARISONS: list[Comparison] = [
    *_softmax_comparisons(),
    *_classification_comparisons(),
    *_regression_comparisons(),
    *_remaining_comparisons(),
    Comparison("SoftmaxWithLoss", "scipy.special.logsumexp", "", scipy_softmax),
    Comparison("SigmoidWithLoss", "scipy.special.log_expit", "", scipy_sigmoid),
    Comparison("Huber", "scipy.special.huber", "none", scipy_huber),
    Comparison("KLDivergence", "scipy.special.rel_entr", "", scipy_divergence),
    Comparison("CrossEntropy", "scipy.special.rel_entr", "", scipy_probabilities),
    Comparison("TimeSoftmaxWithLoss", "scipy.special.log_softmax", "", scipy_time_softmax),
    Comparison("NegativeSampling", "scipy.special.log_expit", "", scipy_negative_sampling),
]
