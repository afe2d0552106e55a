"""Examples of the losses and of their main options, for the tests of the contract."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from layers.classification_losses import NegativeLogLikelihood, SigmoidWithLoss
from layers.ctc import CTC
from layers.divergence_losses import KLDivergence
from layers.losses import SoftmaxWithLoss
from layers.margin_losses import Hinge, MulticlassHinge
from layers.negative_sampling import NegativeSampling
from layers.regression_losses import Huber, MeanAbsoluteError, MeanSquaredError, SmoothL1
from layers.sequence_losses import TimeSoftmaxWithLoss

RNG = np.random.default_rng(21)
X, Y = RNG.standard_normal((2, 3, 4))
WEIGHT = RNG.uniform(0.5, 2, 4)
P = np.exp(Y) / np.exp(Y).sum(axis=1, keepdims=True)
LABELS, ONE_HOT = np.array([3, 0, 1]), np.eye(4)[[3, 0, 1]]
BITS = RNG.integers(0, 2, (3, 4))
FAR = X + np.where(X > Y, 0.3, -0.3)  # at least 0.3 away from Y

SEQUENCE, WORDS = RNG.standard_normal((2, 3, 4)), np.array([[3, 0, 1], [2, 0, 0]])
FRAMES = RNG.standard_normal((3, 7, 4))
CTC_TARGETS = (
    np.array([[1, 1, 2], [3, 2, 3], [2, 1, 1]]),
    np.array([7, 6, 7]),
    np.array([3, 2, 1]),
)
HIDDEN, VOCABULARY = RNG.standard_normal((3, 4)), RNG.standard_normal((5, 4))
IDS = (np.array([4, 1, 1]), np.array([[0, 1], [2, 2], [1, 3]]))

# Construction, parameter arrays, arguments of forward.
EXAMPLES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "SoftmaxWithLoss, sum": (partial(SoftmaxWithLoss, reduction="sum"), (), (X, LABELS)),
    "SoftmaxWithLoss, none": (partial(SoftmaxWithLoss, reduction="none"), (), (X, LABELS)),
    "SoftmaxWithLoss, weights": (SoftmaxWithLoss, (WEIGHT,), (X, LABELS)),
    "SoftmaxWithLoss, weights, one-hot": (SoftmaxWithLoss, (WEIGHT,), (X, ONE_HOT)),
    "SoftmaxWithLoss, all options": (
        partial(SoftmaxWithLoss, reduction="none", label_smoothing=0.2, ignore_index=0),
        (WEIGHT,),
        (X, LABELS),
    ),
    "SoftmaxWithLoss, all options, mean": (
        partial(SoftmaxWithLoss, label_smoothing=0.2, ignore_index=0),
        (WEIGHT,),
        (X, LABELS),
    ),
    "SoftmaxWithLoss, one sample, none": (
        partial(SoftmaxWithLoss, reduction="none"),
        (WEIGHT,),
        (X[0], LABELS[0]),
    ),
    "SigmoidWithLoss": (SigmoidWithLoss, (), (X, BITS)),
    "SigmoidWithLoss, booleans": (SigmoidWithLoss, (), (X[0], BITS[0] == 1)),
    "SigmoidWithLoss, 0-d": (SigmoidWithLoss, (), (X[0, 0], BITS[0, 0])),
    "SigmoidWithLoss, weights": (
        partial(SigmoidWithLoss, reduction="none"),
        (WEIGHT,),
        (X, BITS),
    ),
    "Hinge": (Hinge, (), (X, BITS)),
    "Hinge, 0-d": (Hinge, (), (X[0, 0], BITS[0, 0])),
    "Hinge, none": (partial(Hinge, reduction="none", margin=0.3), (), (X, BITS)),
    "MulticlassHinge": (MulticlassHinge, (), (X, LABELS)),
    "MulticlassHinge, one sample": (MulticlassHinge, (), (X[0], LABELS[0])),
    "MulticlassHinge, none": (
        partial(MulticlassHinge, reduction="none", margin=0.3),
        (),
        (X, LABELS),
    ),
    "NegativeLogLikelihood": (NegativeLogLikelihood, (), (X, LABELS)),
    "NegativeLogLikelihood, one sample": (NegativeLogLikelihood, (), (X[0], LABELS[0])),
    "NegativeLogLikelihood, weights": (
        partial(NegativeLogLikelihood, ignore_index=0),
        (WEIGHT,),
        (X, LABELS),
    ),
    "NegativeLogLikelihood, none": (
        partial(NegativeLogLikelihood, reduction="none"),
        (WEIGHT,),
        (X, LABELS),
    ),
    "MeanSquaredError": (MeanSquaredError, (), (X, Y)),
    "MeanSquaredError, 0-d": (MeanSquaredError, (), (X[0, 0], Y[0, 0])),
    "MeanSquaredError, none": (partial(MeanSquaredError, reduction="none"), (), (X, Y)),
    "MeanAbsoluteError": (MeanAbsoluteError, (), (FAR, Y)),
    "MeanAbsoluteError, sum": (partial(MeanAbsoluteError, reduction="sum"), (), (FAR, Y)),
    "MeanAbsoluteError, 0-d": (MeanAbsoluteError, (), (FAR[0, 0], Y[0, 0])),
    "Huber": (Huber, (), (X, Y)),
    "Huber, 0-d": (partial(Huber, delta=0.4), (), (X[0, 0], Y[0, 0])),
    "Huber, none": (partial(Huber, reduction="none", delta=0.4), (), (X, Y)),
    "SmoothL1": (SmoothL1, (), (X, Y)),
    "SmoothL1, 0-d": (partial(SmoothL1, beta=0.4), (), (X[0, 0], Y[0, 0])),
    "SmoothL1, none": (partial(SmoothL1, reduction="none", beta=0.4), (), (X, Y)),
    "KLDivergence": (KLDivergence, (), (X, P)),
    "KLDivergence, mean": (partial(KLDivergence, reduction="mean"), (), (X, P)),
    "KLDivergence, none": (partial(KLDivergence, reduction="none"), (), (X[0], P[0])),
    "TimeSoftmaxWithLoss": (TimeSoftmaxWithLoss, (), (SEQUENCE, WORDS)),
    "TimeSoftmaxWithLoss, ignored": (
        partial(TimeSoftmaxWithLoss, ignore_label=0),
        (),
        (SEQUENCE, WORDS),
    ),
    "SoftmaxWithLoss, one class": (SoftmaxWithLoss, (), (X[:, :1], LABELS - LABELS)),
    "CTC": (CTC, (), (FRAMES, *CTC_TARGETS)),
    "CTC, none": (partial(CTC, reduction="none"), (), (FRAMES, *CTC_TARGETS)),
    "NegativeSampling": (NegativeSampling, (VOCABULARY,), (HIDDEN, *IDS)),
    "NegativeSampling, none": (
        partial(NegativeSampling, reduction="none"),
        (VOCABULARY,),
        (HIDDEN, *IDS),
    ),
}
