"""Examples of the layers between the attentions of a transformer, for the tests of the contract."""

from collections.abc import Callable
from typing import Any

import numpy as np

from layers.time_affine import TimeAffine

RNG = np.random.default_rng(54)
X = RNG.standard_normal((3, 2, 4))
W, b = RNG.standard_normal((4, 2)), RNG.standard_normal(2)

# Construction, parameter arrays, arguments of forward.
EXAMPLES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "TimeAffine": (TimeAffine, (W, b), (X,)),
    "TimeAffine, rows": (TimeAffine, (W, b), (X[0],)),
    "TimeAffine, one row": (TimeAffine, (W, b), (X[0, 0],)),
    "TimeAffine, no step": (TimeAffine, (W, b), (X[:, :0],)),
}
