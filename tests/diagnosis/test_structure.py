"""What equals the right gradient but for one thing is named after that thing."""

from __future__ import annotations

import numpy as np
import pytest

import layers
from gradcheck import check_layer
from tests.broken_layers import (
    DiagonalSoftmax,
    IgnoresUpstream,
    MasksByUpstream,
    ReLU,
    Sigmoid,
    Softmax,
)
from tests.diagnosis.wrong_layers import (
    Embedding,
    LayerNorm,
    LeakyReLU,
    affine,
    changed,
    diagnosed,
    name_of,
)


class ExchangedGates(layers.LSTM):
    def backward(self, *upstream):
        found = super().backward(*upstream)
        H = len(self.Wh)
        first, second, rest = np.split(self.dWx, [H, 2 * H], axis=1)
        self.dWx = np.concatenate([second, first, rest], axis=1)
        return found


def flipped_kernel(layer, dx, dout):
    layer.dW = layer.dW[:, :, ::-1, ::-1].copy()
    return dx


def by_the_batch(layer, dW, dout):
    for row, upstream in zip(layer.x.reshape(-1, layer.x.shape[-1]), _rows(dout), strict=True):
        dW = np.outer(row, upstream)
    return dW


def _rows(dout):
    return dout.reshape(-1, dout.shape[-1])


def transposed(layer, dW, dout):
    return dW.T.reshape(dW.shape)


def wobbled(size):
    return lambda layer, g, dout: g + size * np.sin(g * 3)


REARRANGED = [
    (affine(dW=transposed), "affine", "dW", "transposed"),
    (affine(dW=lambda s, g, d: g[::-1]), "affine", "dW", "reversed-D"),
    (affine(dW=lambda s, g, d: np.cumsum(g, axis=1)), "affine", "dW", "cumulative-M"),
    (affine(dx=lambda s, g, d: np.roll(g, 1, axis=-1)), "affine", "dx", "shifted-D"),
    (ExchangedGates, "lstm", "dWx", "blocks-exchanged-4*H"),
    (changed(layers.Conv2d, flipped_kernel), "conv2d", "dW", "reversed-K-L"),
    (changed(layers.Conv2d, lambda s, g, d: np.roll(g, (1, 1), (2, 3))), "conv2d", "dx", "shifted"),
]
OF_UPSTREAM = [
    (MasksByUpstream, "relu", "dx", "upstream-masked-by-its-sign"),
    (IgnoresUpstream, "sigmoid", "dx", "upstream-ignored"),
    (changed(Sigmoid, lambda s, g, d: g * d), "sigmoid", "dx", "upstream-twice"),
    (changed(Sigmoid, lambda s, g, d: g * np.sign(d)), "sigmoid", "dx", "upstream-absolute"),
    (changed(Sigmoid, lambda s, g, d: g * np.tanh(d)), "sigmoid", "dx", None),
    (changed(ReLU, lambda s, g, d: d.copy()), "relu", "dx", "mask-missing"),
    (changed(ReLU, lambda s, g, d: np.where(s.mask, d, 0.5 * d)), "relu", "dx", "mask-missing"),
    (changed(ReLU, lambda s, g, d: np.where(s.mask, 0.5 * d, d)), "relu", "dx", None),
]
LOCAL = [
    (DiagonalSoftmax, "softmax", "dx", "diagonal-jacobian"),
    (changed(Softmax, lambda s, g, d: s.y * d), "softmax", "dx", "sum-path-wrong"),
    (changed(Softmax, lambda s, g, d: s.y * d * 1.1), "softmax", "dx", None),
    (changed(Sigmoid, lambda s, g, d: d * s.y), "sigmoid", "dx", "output-for-derivative"),
    (changed(Sigmoid, lambda s, g, d: d.copy()), "sigmoid", "dx", "local-derivative-missing"),
    (changed(Sigmoid, lambda s, g, d: d * s.y**2), "sigmoid", "dx", None),
]


def twice(layer, dx, dout):
    z = 1 / (1 + np.exp(-layer.y))
    return dout * z * (1 - z)


LOCAL.append((changed(Sigmoid, twice), "sigmoid", "dx", "derivative-at-output"))


class NoMean(LayerNorm):
    def dx(self, g):
        return self.through(g, mean=0.0, variance=1.0)


class NoVariance(LayerNorm):
    def dx(self, g):
        return self.through(g, mean=1.0, variance=0.0)


class Neither(LayerNorm):
    def dx(self, g):
        return self.through(g, mean=0.0, variance=0.0)


class NoGamma(LayerNorm):
    def dx(self, g):
        return super().dx(g / self.gamma)


class GammaAfter(LayerNorm):
    def dx(self, g):
        return self.gamma * super().dx(g / self.gamma)


class NoRoot(LayerNorm):
    def dx(self, g):
        return super().dx(g) / self.std


PATHS = [
    (NoMean, "layer-norm", "dx", "mean-path-wrong"),
    (NoVariance, "layer-norm", "dx", "variance-path-wrong"),
    (Neither, "layer-norm", "dx", "mean-and-variance-path-wrong"),
    (NoGamma, "layer-norm", "dx", "parameter-ignored-gamma"),
    (GammaAfter, "layer-norm", "dx", "applied-after-gamma"),
    (NoRoot, "layer-norm", "dx", None),
    (affine(dW=lambda s, g, d: g + 0.05 * s.W), "affine", "dW", "weight-decay-added"),
    (affine(dW=lambda s, g, d: g + 0.05 * s.W**2), "affine", "dW", None),
]
LOST = [
    (affine(dW=by_the_batch), "affine", "dW", "only-last-upstream"),
    (affine(dx=lambda s, g, d: np.where(d @ s.W.T > 0, g, 0)), "affine", "dx", None),
    (affine(dW=lambda s, g, d: np.where(s.W >= 0, g, 0)), "affine", "dW", "zero-where-input-neg"),
]
OPTIONS = [
    (
        changed(LeakyReLU, lambda s, g, d: np.where(s.x > 0, d, 0.01 * d)),
        "leaky-relu",
        "dx",
        "option-ignored-alpha",
    ),
    (changed(LeakyReLU, lambda s, g, d: np.where(s.x > 0, d, 0.0)), "leaky-relu", "dx", "option"),
    (
        changed(LeakyReLU, lambda s, g, d: np.where(s.x > 0, d, 0.3 * s.alpha * d)),
        "leaky-relu",
        "dx",
        None,
    ),
]
ALL = [*REARRANGED, *OF_UPSTREAM, *LOCAL, *PATHS, *LOST, *OPTIONS]


@pytest.mark.parametrize(
    ("layer", "kind", "array", "name"), ALL, ids=[f"{n}-{one[3]}" for n, one in enumerate(ALL)]
)
def test_exact_structure_is_named_and_nothing_like_it(layer, kind, array, name) -> None:
    found = name_of(layer, kind, array, seed=2 if name == "shifted" else 0)
    if name is None:
        assert found is None or found.startswith("only-")
    else:
        assert found is not None
        assert found.startswith(name)


def test_single_precision_inside() -> None:
    single = affine(dW=lambda s, g, d: g.astype(np.float32).astype(np.float64))
    assert name_of(single, "affine", "dW") == "float32-inside"
    rough = affine(dW=lambda s, g, d: g * (1 + 1e-7 * np.sin(1e5 * g)))
    assert name_of(rough, "affine", "dW") is None


def test_random_numbers_of_backward() -> None:
    drawn = changed(layers.Exp, lambda s, g, d: 2 * g * (np.random.rand(*g.shape) < 0.5))
    assert name_of(drawn, "exp", "dx") == "drawn-again-in-backward"
    fresh = changed(
        layers.Exp, lambda s, g, d: 2 * g * (np.random.default_rng().random(g.shape) < 0.5)
    )
    report = check_layer(fresh, kind="exp", select=["upstream-not-linear"], shrink_seconds=0.0)
    assert [one.diagnosis and one.diagnosis.name for one in report.findings] == [
        "drawn-again-in-backward"
    ]


def test_repeated_ids() -> None:
    class Overwrites(Embedding):
        def backward(self, dout):
            self.dW = np.zeros_like(self.W)
            self.dW[self.ids] = dout

    class Averages(Embedding):
        def backward(self, dout):
            super().backward(dout)
            count = np.maximum(np.bincount(self.ids.ravel(), minlength=len(self.W)), 1)
            self.dW /= count[:, np.newaxis]

    assert name_of(Overwrites, "embedding", "dW") == "repeated-ids-overwritten"
    # Which condition the cases seen leave standing depends on those drawn: not every seed tells.
    names = {name_of(Averages, "embedding", "dW", seed=seed) for seed in range(6)}
    assert "only-when-ids-repeat" in names
    assert names <= {"only-when-ids-repeat", "only-when-N>1", None}


def test_overlapping_windows() -> None:
    class Pool:
        def __init__(self, size=2, stride=1):
            self.size, self.stride = size, stride

        def forward(self, x):
            self.x = x
            starts = range(0, x.shape[2] - self.size + 1, self.stride)
            self.at = [slice(start, start + self.size) for start in starts]
            return np.stack([x[:, :, at].mean(axis=2) for at in self.at], axis=2)

        def backward(self, dout):
            dx = np.zeros_like(self.x)
            for number, at in enumerate(self.at):
                dx[:, :, at] = dout[:, :, number, np.newaxis] / self.size
            return dx

    found = diagnosed(Pool, "avg-pool1d", "dx")
    assert found is not None
    assert found.name == "overlap-overwritten"
    assert "+=" in found.repair
