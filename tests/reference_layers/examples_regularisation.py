"""One example of each layer that drops parts of its input, for the tests of the contract."""

from collections.abc import Callable
from typing import Any

import numpy as np

from layers.dropout import Dropout, Dropout2d

RNG = np.random.default_rng(33)
X = RNG.standard_normal((3, 4))
IMAGES = RNG.standard_normal((2, 3, 2, 4))

EXAMPLES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "Dropout": (Dropout, (), (X,)),
    "Dropout, 0-d": (lambda: Dropout(0.2), (), (X[0, 0],)),
    "Dropout, nothing": (lambda: Dropout(0.0), (), (X,)),
    "Dropout, everything": (lambda: Dropout(1.0), (), (X,)),
    "Dropout, not in training": (lambda: Dropout(training=False), (), (X,)),
    "Dropout2d": (lambda: Dropout2d(rng=4), (), (IMAGES,)),
    "Dropout2d, not in training": (lambda: Dropout2d(training=False), (), (IMAGES,)),
}
