"""Where and when a gradient is wrong is told where chance cannot be the reason."""

from __future__ import annotations

import numpy as np
import pytest

import layers
from tests.diagnosis.wrong_layers import affine, changed, name_of


def scaled_at(index):
    def change(layer, gradient, dout):
        gradient = gradient.copy()
        gradient[index] *= 1.3
        return gradient

    return change


def border(layer, dx, dout):
    dx = dx.copy()
    dx[:, :, [0, -1]] *= 0.5
    return dx


def larger_batches(layer, dx, dout):
    return dx + 0.1 * np.sin(dx) if dx.ndim > 1 and len(dx) > 1 else dx


def strided(layer, dx, dout):
    return dx + 0.1 * np.sin(dx) if layer.stride[0] > 1 else dx


@pytest.mark.parametrize(
    ("layer", "kind", "array", "name"),
    [
        (affine(dW=scaled_at(-1)), "affine", "dW", "only-last-D"),
        (affine(dW=scaled_at(0)), "affine", "dW", "only-first-D"),
        (affine(dW=scaled_at((slice(None), -1))), "affine", "dW", "only-last-M"),
        (affine(dW=scaled_at((-1, -1))), "affine", "dW", "only-last-D-M"),
        (affine(db=scaled_at(-1)), "affine", "db", "only-last-M"),
        (changed(layers.Conv2d, border), "conv2d", "dx", "only-border-H"),
        (affine(dx=larger_batches), "affine", "dx", "only-when-N>1"),
        (changed(layers.Conv2d, strided), "conv2d", "dx", "only-when-stride>1"),
    ],
)
def test_places_and_conditions_are_named(layer, kind, array, name) -> None:
    assert name_of(layer, kind, array) == name


def at_random(seed):
    """Return a change of one element, another one at every call."""

    def change(layer, gradient, dout):
        gradient = np.array(gradient)
        rng = np.random.default_rng([seed, int(abs(dout.sum()) * 1e6)])
        gradient.flat[rng.integers(gradient.size)] += 0.1 + rng.random()
        return gradient

    return change


def smooth(seed):
    """Return an error that is a smooth function of the gradient and the place."""

    def change(layer, gradient, dout):
        a, b, c = np.random.default_rng(seed).standard_normal(3)
        place = np.arange(gradient.size).reshape(gradient.shape)
        return gradient * (1 + 0.1 * np.sin(a * place + b * gradient + c))

    return change


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("fault", [at_random, smooth])
@pytest.mark.parametrize("array", ["dx", "dW", "db"])
def test_random_faults_are_not_named(fault, array, seed) -> None:
    assert name_of(affine(**{array: fault(seed)}), "affine", array, seed=seed) is None


@pytest.mark.parametrize("seed", range(1))
@pytest.mark.parametrize("fault", [at_random, smooth])
@pytest.mark.parametrize(
    ("layer", "kind"),
    [(layers.LayerNorm, "layer-norm"), (layers.Softmax, "softmax"), (layers.Conv1d, "conv1d")],
)
def test_random_faults_of_other_layers_are_not_named(layer, kind, fault, seed) -> None:
    assert name_of(changed(layer, fault(seed)), kind, "dx", seed=seed) is None
