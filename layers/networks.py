"""Layers put together: a chain of any layers, and the two-layer classifier of the textbooks."""

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from layers.activations import ReLU
from layers.affine import Affine
from layers.differences import central_difference
from layers.layer import Array, Layer
from layers.losses import SoftmaxWithLoss, target_weights


class Link(Protocol):
    """A layer with one input and one output."""

    def forward(self, x: ArrayLike, /) -> Array:
        """Return the output."""

    def backward(self, dout: ArrayLike, /) -> Array:
        """Return the gradient of the input."""


class Sequential:
    """y = f_k(... f_2(f_1(x))): the chain rule runs through the same layers in reverse.

    Shapes and dtypes are those of the layers. Without any layer it is the identity. Parameters
    are named by position and name, such as ``"0.W"``, and ``"2.0.W"`` in a chain within the chain.

    Source: Goodfellow, Bengio, Courville, "Deep Learning" (2016), sec. 6.5.
    """

    def __init__(self, *layers: Link) -> None:
        """Chain the layers, the one nearest to the input first."""
        self.layers = layers

    def forward(self, x: ArrayLike) -> Array:
        """Return the output of the last layer."""
        out = np.array(x)
        for layer in self.layers:
            out = layer.forward(out)
        return out

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx; each layer stores the gradients of its own parameters."""
        gradient = np.array(dout)
        for layer in reversed(self.layers):
            gradient = layer.backward(gradient)
        return gradient

    @property
    def parameters_by_name(self) -> dict[str, Array]:
        """The parameter arrays, shared with the layers."""
        return {name: getattr(layer, own) for name, layer, own in self._parameters()}

    @property
    def gradients_by_name(self) -> dict[str, Array]:
        """The gradients of the last backward, under the names of their parameters."""
        return {name: getattr(layer, f"d{own}") for name, layer, own in self._parameters()}

    def _parameters(self) -> Iterator[tuple[str, Link, str]]:
        for position, layer in enumerate(self.layers):
            if isinstance(layer, Sequential):
                for name, owner, own in layer._parameters():
                    yield f"{position}.{name}", owner, own
            elif isinstance(layer, Layer):
                for own in layer.parameters:
                    yield f"{position}.{own}", layer, own


class TwoLayerNet:
    """A classifier: affine, ReLU, affine, softmax with cross-entropy.

    ``params`` holds W1: (D, H), b1: (H,), W2: (H, C), b2: (C,) in float64; weights are normal
    with the standard deviation ``weight_scale``, biases zero. The layers are made from it anew
    at each pass, so both ``params["W1"] -= step`` and ``params["W1"] = new`` take effect.

    x: (N, D); t: labels (N,) or one-hot (N, C). Raises ValueError when shapes do not fit.

    Source: Saito, "Deep Learning from Scratch" (2016), sec. 4.5 and 5.7.
    """

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
        rng = np.random.default_rng() if rng is None else rng
        self.params: dict[str, Array] = {
            "W1": weight_scale * rng.standard_normal((input_size, hidden_size)),
            "b1": np.zeros(hidden_size),
            "W2": weight_scale * rng.standard_normal((hidden_size, output_size)),
            "b2": np.zeros(output_size),
        }

    def predict(self, x: ArrayLike) -> Array:
        """Return the logits, of shape (N, C)."""
        return Sequential(*self._layers()).forward(x)

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
        first, relu, second = self._layers()
        network, loss = Sequential(first, relu, second), SoftmaxWithLoss()
        loss.forward(network.forward(x), t)
        network.backward(loss.backward())
        return dict(zip(self.params, network.gradients_by_name.values(), strict=True))

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

    def _layers(self) -> tuple[Affine, ReLU, Affine]:
        p = self.params
        return Affine(p["W1"], p["b1"]), ReLU(), Affine(p["W2"], p["b2"])
