"""Examples of the attention layers, for the tests of the contract."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from layers.attention import ScaledDotProductAttention
from layers.multi_head_attention import MultiHeadAttention, MultiHeadCrossAttention

RNG = np.random.default_rng(51)
Q, K, V = (RNG.standard_normal(shape) for shape in ((2, 3, 4), (2, 5, 4), (2, 5, 2)))
MASK = RNG.random((2, 3, 5)) < 0.5
MASK[..., 0] |= ~MASK.any(axis=-1)
BLIND = MASK & (np.arange(3) != 1)[:, np.newaxis]
HEADED = tuple(RNG.standard_normal((2, 2, *shape)) for shape in ((3, 4), (5, 4), (5, 2)))

X, CONTEXT = RNG.standard_normal((2, 3, 4)), RNG.standard_normal((2, 5, 4))
WEIGHTS = tuple(0.7 * RNG.standard_normal((4, 4, 4)))
BIASES = tuple(RNG.standard_normal((4, 4)))
SELF_MASK = np.array([[[1, 0, 1], [1, 1, 0], [0, 0, 1]], [[1, 1, 1], [0, 1, 0], [1, 0, 0]]], bool)

# Construction, parameter arrays, arguments of forward.
EXAMPLES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "ScaledDotProductAttention": (ScaledDotProductAttention, (), (Q, K, V)),
    "ScaledDotProductAttention, mask": (ScaledDotProductAttention, (), (Q, K, V, MASK)),
    "ScaledDotProductAttention, blind row": (ScaledDotProductAttention, (), (Q, K, V, BLIND)),
    "ScaledDotProductAttention, causal": (
        partial(ScaledDotProductAttention, causal=True),
        (),
        (Q, K, V),
    ),
    "ScaledDotProductAttention, causal mask": (
        partial(ScaledDotProductAttention, causal=True),
        (),
        (Q, K, V, MASK),
    ),
    "ScaledDotProductAttention, heads": (ScaledDotProductAttention, (), HEADED),
    "ScaledDotProductAttention, one sample": (ScaledDotProductAttention, (), (Q[0], K[0], V[0])),
    "MultiHeadAttention": (MultiHeadAttention, (*WEIGHTS, *BIASES), (X,)),
    "MultiHeadAttention, heads": (partial(MultiHeadAttention, heads=2), WEIGHTS, (X,)),
    "MultiHeadAttention, causal": (
        partial(MultiHeadAttention, heads=4, causal=True),
        (*WEIGHTS, *BIASES),
        (X,),
    ),
    "MultiHeadAttention, mask": (
        partial(MultiHeadAttention, heads=2),
        (*WEIGHTS, *BIASES),
        (X, SELF_MASK),
    ),
    "MultiHeadCrossAttention": (MultiHeadCrossAttention, (*WEIGHTS, *BIASES), (X, CONTEXT)),
    "MultiHeadCrossAttention, heads": (
        partial(MultiHeadCrossAttention, heads=2),
        WEIGHTS,
        (X, CONTEXT),
    ),
    "MultiHeadCrossAttention, mask": (
        partial(MultiHeadCrossAttention, heads=2, causal=True),
        (*WEIGHTS, *BIASES),
        (X, CONTEXT, MASK),
    ),
}
