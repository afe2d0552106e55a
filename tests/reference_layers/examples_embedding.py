"""One example of each layer that embeds words or places, for the tests of the contract."""

from collections.abc import Callable
from typing import Any

import numpy as np

from layers.embedding import Embedding, LearnedPositions, PositionalEncoding

RNG = np.random.default_rng(22)
X = RNG.standard_normal((2, 3, 5))
W = RNG.standard_normal((6, 5))
IDS = np.array([[1, 4, 1], [0, 1, 5]])

# Construction, parameter arrays, arguments of forward.
EXAMPLES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "Embedding": (Embedding, (W,), (IDS,)),
    "Embedding, one sequence": (Embedding, (W,), (IDS[0],)),
    "Embedding, one id": (Embedding, (W,), (np.array(4),)),
    "PositionalEncoding": (PositionalEncoding, (), (X,)),
    "PositionalEncoding, one sequence": (lambda: PositionalEncoding(base=10.0), (), (X[0, :, :4],)),
    "LearnedPositions": (LearnedPositions, (W[:3],), (X,)),
    "LearnedPositions, longer table": (LearnedPositions, (W,), (X,)),
    "LearnedPositions, one sequence": (LearnedPositions, (W,), (X[0],)),
}
