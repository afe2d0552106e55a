"""Networks with a loss: what they have in common, and the two-layer one of the textbooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from layers.activations import ReLU
from layers.affine import Affine
from layers.composite import Sequential
from layers.differences import central_difference
from layers.layer import Array
from layers.losses import SoftmaxWithLoss
from layers.targets import target_weights


class Network:
    """A network with a loss. ``params`` holds the arrays that are learned, under their names.

    Both ``params[name] -= step`` and ``params[name] = new`` take effect at the next pass.
    """

    params: dict[str, Array]

    def loss(self, x: ArrayLike, t: ArrayLike) -> Array:
        """Return the loss, 0-d."""
        raise NotImplementedError

    def numerical_gradient(
        self,
        x: ArrayLike,
        t: ArrayLike,
        differentiate: Callable[[Callable[[Array], Array], Array], Array] = central_difference,
    ) -> dict[str, Array]:
        """Return dL/dparameter by differences, under the names of ``params``.

        ``differentiate(f, array)`` moves the elements of ``array`` in place; f ignores its
        argument and reads the parameters of the network, which the array is one of.
        """

        def loss(_: Array) -> Array:
            return self.loss(x, t)

        return {name: differentiate(loss, array) for name, array in self.params.items()}


class Classifier(Network):
    """A network from x to the logits of classes, with the softmax and its loss behind it."""

    _names: ClassVar[tuple[str, ...]]  # of the parameters, in the order of the layers

    def predict(self, x: ArrayLike) -> Array:
        """Return the logits, of shape (N, C) for C classes."""
        return self._network().forward(x)

    def loss(self, x: ArrayLike, t: ArrayLike) -> Array:
        """Return the mean loss, 0-d."""
        return SoftmaxWithLoss().forward(self.predict(x), t)

    def accuracy(self, x: ArrayLike, t: ArrayLike) -> float:
        """Return the share of samples whose largest logit is at the target; 0.0 without any."""
        logits = self.predict(x)
        hits = logits.argmax(axis=-1) == target_weights(logits, t, "accuracy: x").argmax(axis=-1)
        return float(np.sum(hits) / max(hits.size, 1))

    def gradient(self, x: ArrayLike, t: ArrayLike) -> dict[str, Array]:
        """Return dL/dparameter by backpropagation, under the names of ``params``."""
        network, loss = self._network(), SoftmaxWithLoss()
        loss.forward(network.forward(x), t)
        network.backward(loss.backward())
        return dict(zip(self._names, network.gradients_by_name.values(), strict=True))

    def _network(self) -> Sequential:
        """Make the layers anew, from ``params`` as it is now."""
        raise NotImplementedError


class TwoLayerNet(Classifier):
    """A classifier: affine, ReLU, affine, softmax with cross-entropy.

    ``params`` holds W1: (D, H), b1: (H,), W2: (H, C), b2: (C,) in float64; weights are normal
    with the standard deviation ``weight_scale``, biases zero. The layers are made from it anew
    at each pass, so both ``params["W1"] -= step`` and ``params["W1"] = new`` take effect.

    x: (N, D); t: labels (N,) or one-hot (N, C). Raises ValueError when shapes do not fit.

    Source: Saito, "Deep Learning from Scratch" (2016), sec. 4.5 and 5.7.
    """

    _names = ("W1", "b1", "W2", "b2")

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        output_size: int,
        *,
        weight_scale: float = 0.01,
        rng: np.random.Generator | None = None,
    ) -> None:
        """Draw parameters for the sizes D, H and C; pass ``rng`` to draw the same again."""
        rng = np.random.default_rng(rng)
        self.params = {
            "W1": weight_scale * rng.standard_normal((input_size, hidden_size)),
            "b1": np.zeros(hidden_size),
            "W2": weight_scale * rng.standard_normal((hidden_size, output_size)),
            "b2": np.zeros(output_size),
        }

    def _network(self) -> Sequential:
        p = self.params
        return Sequential(Affine(p["W1"], p["b1"]), ReLU(), Affine(p["W2"], p["b2"]))
