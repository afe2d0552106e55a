"""The smallest convolutional classifier of the textbooks: one convolution, two affine layers."""

from __future__ import annotations

from math import prod

import numpy as np

from layers.activations import ReLU
from layers.affine import Affine
from layers.composite import Sequential
from layers.convolution import Conv2d
from layers.networks import Classifier
from layers.pooling import MaxPool2d
from layers.windows import Sizes, per_axis


class ConvNet(Classifier):
    """A classifier: convolution, ReLU, max pooling, affine, ReLU, affine, softmax with loss.

    With F filters of K x L pixels on images of C channels, ``params`` holds W1: (F, C, K, L),
    b1: (F,), W2: (D, M), b2: (M,), W3: (M, O), b3: (O,) in float64, where D is the number of
    pixels that pooling leaves, in all channels, M the hidden size and O the number of classes.
    Weights are normal with variance 2 / (inputs of one output), the rule of He for layers before
    a ReLU; biases are zero. The layers are made from it anew at each pass, so both
    ``params["W1"] -= step`` and ``params["W1"] = new`` take effect.

    x: (N, C, H, V); t: labels (N,) or one-hot (N, O). Raises ValueError when shapes do not fit.

    Source: Saito, "Deep Learning from Scratch" (2016), sec. 7.5; LeCun, Bottou, Bengio, Haffner
    (1998), sec. II; the weights: He et al., "Delving Deep into Rectifiers" (2015), eq. 10.
    """

    _names = ("W1", "b1", "W2", "b2", "W3", "b3")

    def __init__(
        self,
        image_shape: tuple[int, int, int],
        filters: int,
        filter_size: Sizes,
        hidden_size: int,
        output_size: int,
        *,
        stride: Sizes = 1,
        pad: Sizes = 0,
        pool: Sizes = 2,
        rng: np.random.Generator | None = None,
    ) -> None:
        """Draw parameters for images (C, H, V); pass ``rng`` to draw the same again."""
        rng = np.random.default_rng(rng)
        self.stride, self.pad, self.pool = stride, pad, pool
        self.params = {}
        C, *_ = image_shape
        kernel = per_axis(filter_size, 2, 1, "ConvNet: filter_size")
        self._draw(rng, "1", (filters, C, *kernel), inputs=C * prod(kernel), outputs=filters)
        # How many pixels the pooling leaves is asked of the layers themselves, with a blank image.
        D = Sequential(*self._features()).forward(np.zeros((1, *image_shape))).size
        self._draw(rng, "2", (D, hidden_size), inputs=D, outputs=hidden_size)
        self._draw(rng, "3", (hidden_size, output_size), inputs=hidden_size, outputs=output_size)

    def _draw(
        self,
        rng: np.random.Generator,
        number: str,
        shape: tuple[int, ...],
        inputs: int,
        outputs: int,
    ) -> None:
        self.params[f"W{number}"] = np.sqrt(2 / inputs) * rng.standard_normal(shape)
        self.params[f"b{number}"] = np.zeros(outputs)

    def _network(self) -> Sequential:
        p = self.params
        classifier = Affine(p["W2"], p["b2"]), ReLU(), Affine(p["W3"], p["b3"])
        return Sequential(*self._features(), *classifier)

    def _features(self) -> tuple[Conv2d, ReLU, MaxPool2d]:
        p = self.params
        return Conv2d(p["W1"], p["b1"], self.stride, self.pad), ReLU(), MaxPool2d(self.pool)
