"""Examples of pooling, for the tests of the contract."""

from collections.abc import Callable
from typing import Any

import numpy as np

from layers.pooling import AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d

RNG = np.random.default_rng(42)
# No two pixels are near each other: the largest of a window stays the largest.
IMAGES = (RNG.permutation(2 * 2 * 5 * 4).reshape(2, 2, 5, 4) - 40) / 16
SIGNALS = IMAGES.reshape(4, 2, 10)

# Construction, parameter arrays, arguments of forward.
EXAMPLES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "MaxPool2d": (MaxPool2d, (), (IMAGES,)),
    "MaxPool2d, overlapping": (lambda: MaxPool2d(3, stride=1, pad=1), (), (IMAGES,)),
    "MaxPool2d, gaps": (lambda: MaxPool2d((2, 1), stride=3), (), (IMAGES,)),
    "MaxPool2d, ceil": (lambda: MaxPool2d(2, stride=(2, 3), ceil=True), (), (IMAGES,)),
    "MaxPool1d": (lambda: MaxPool1d(3, stride=2, pad=1), (), (SIGNALS,)),
    "AvgPool2d": (AvgPool2d, (), (IMAGES,)),
    "AvgPool2d, overlapping": (lambda: AvgPool2d(3, stride=1, pad=1), (), (IMAGES,)),
    "AvgPool2d, gaps": (lambda: AvgPool2d((2, 1), stride=3), (), (IMAGES,)),
    "AvgPool2d, ceil": (lambda: AvgPool2d(3, stride=(2, 3), pad=1, ceil=True), (), (IMAGES,)),
    "AvgPool2d, pixels only": (
        lambda: AvgPool2d(3, stride=2, pad=1, ceil=True, count_pad=False),
        (),
        (IMAGES,),
    ),
    "AvgPool1d": (lambda: AvgPool1d(3, stride=2, pad=1), (), (SIGNALS,)),
}
