"""Examples of convolutions, for the tests of the contract."""

from collections.abc import Callable
from typing import Any

import numpy as np

from layers.convolution import Conv1d, Conv2d
from layers.transposed_convolution import ConvTranspose2d

RNG = np.random.default_rng(41)
IMAGES, SIGNALS = RNG.standard_normal((2, 2, 4, 5)), RNG.standard_normal((2, 2, 6))
W, b = RNG.standard_normal((4, 2, 2, 3)), RNG.standard_normal(4)
W_GROUPS, W_SIGNAL = RNG.standard_normal((4, 1, 2, 3)), RNG.standard_normal((4, 2, 3))
SMALL = RNG.standard_normal((2, 2, 2, 3))
W_UP, b_up = RNG.standard_normal((2, 3, 2, 3)), RNG.standard_normal(3)
W_UP_GROUPS = RNG.standard_normal((2, 2, 3, 2))


def with_options(layer: type[Any], **options: Any) -> Callable[..., Any]:
    """Return the layer's constructor with these options."""
    return lambda *parameters: layer(*parameters, **options)


# Construction, parameter arrays, arguments of forward.
EXAMPLES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "Conv2d": (Conv2d, (W, b), (IMAGES,)),
    "Conv2d, without bias": (Conv2d, (W,), (IMAGES,)),
    "Conv2d, strided and padded": (with_options(Conv2d, stride=2, pad=1), (W, b), (IMAGES,)),
    "Conv2d, dilated": (with_options(Conv2d, dilation=2), (W, b), (IMAGES,)),
    "Conv2d, pairs": (
        with_options(Conv2d, stride=(3, 1), pad=(0, 2), dilation=(1, 2)),
        (W, b),
        (IMAGES,),
    ),
    "Conv2d, groups": (with_options(Conv2d, groups=2), (W_GROUPS, b), (IMAGES,)),
    "Conv2d, one pixel": (Conv2d, (W[:, :, :1, :1], b), (IMAGES,)),
    "Conv1d": (Conv1d, (W_SIGNAL, b), (SIGNALS,)),
    "Conv1d, all options": (
        with_options(Conv1d, stride=2, pad=1, dilation=2, groups=2),
        (W_SIGNAL[:, :1], b),
        (SIGNALS,),
    ),
    "ConvTranspose2d": (ConvTranspose2d, (W_UP, b_up), (SMALL,)),
    "ConvTranspose2d, without bias": (ConvTranspose2d, (W_UP,), (SMALL,)),
    "ConvTranspose2d, strided": (
        with_options(ConvTranspose2d, stride=2, pad=1, output_pad=1),
        (W_UP, b_up),
        (SMALL,),
    ),
    "ConvTranspose2d, groups": (
        with_options(ConvTranspose2d, stride=(3, 1), dilation=(1, 2), groups=2),
        (W_UP_GROUPS, b),
        (SMALL,),
    ),
}
