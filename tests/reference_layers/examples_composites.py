"""Examples of layers that are made of layers, for the tests of the contract."""

from collections.abc import Callable
from typing import Any

import numpy as np

from layers.activations import ReLU
from layers.affine import Affine
from layers.bidirectional import Bidirectional
from layers.composite import Sequential
from layers.gru import GRU
from layers.lstm import LSTM
from layers.multi_head_attention import MultiHeadAttention
from layers.normalisation import LayerNorm
from layers.residual import Residual
from layers.rnn import RNN
from layers.transformer import TransformerBlock

RNG = np.random.default_rng(54)
X = RNG.standard_normal((2, 3, 4))
MASK = np.array([[1, 0, 1], [1, 1, 0], [0, 0, 1]], bool)


def drawn(*shapes: tuple[int, ...]) -> tuple[Any, ...]:
    """Draw parameters of these shapes."""
    return tuple(0.7 * RNG.standard_normal(shape) for shape in shapes)


def recurrent(gates: int) -> tuple[Any, ...]:
    """Draw Wx, Wh and b of a recurrent layer with two states."""
    return drawn((4, gates * 2), (2, gates * 2), (gates * 2,))


BLOCK = drawn((4,), (4,), *[(4, 4)] * 4, *[(4,)] * 4, (4,), (4,), (4, 6), (6,), (6, 4), (4,))


def block(*p: Any, **options: Any) -> TransformerBlock:
    """Make a block of its sixteen parameters in their order."""
    attention = MultiHeadAttention(*p[2:10], heads=2, **options)
    mlp = Affine(*p[12:14]), Affine(*p[14:])
    return TransformerBlock(LayerNorm(*p[:2]), attention, LayerNorm(*p[10:12]), *mlp)


# Construction, parameter arrays, arguments of forward.
EXAMPLES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "TransformerBlock": (block, BLOCK, (X,)),
    "TransformerBlock, mask": (block, BLOCK, (X, MASK)),
    "TransformerBlock, causal": (lambda *p: block(*p, causal=True), BLOCK, (X,)),
    "Bidirectional, RNN": (
        lambda *p: Bidirectional(RNN(*p[:3]), RNN(*p[3:])),
        recurrent(1) + recurrent(1),
        (X,),
    ),
    "Bidirectional, LSTM and GRU": (
        lambda *p: Bidirectional(LSTM(*p[:3]), GRU(*p[3:])),
        recurrent(4) + recurrent(3),
        (X,),
    ),
    "Bidirectional of chains": (
        lambda *p: Bidirectional(Sequential(rnn=RNN(*p[:3])), Sequential(GRU(*p[3:]), ReLU())),
        recurrent(1) + recurrent(3),
        (X,),
    ),
    "Composites in a chain": (
        lambda *p: Sequential(
            Residual(Affine(*p[:2]), ReLU()),
            both=Bidirectional(RNN(*p[2:5]), LSTM(*p[5:8])),
            last=Sequential(block(*p[8:])),
        ),
        drawn((4, 4), (4,)) + recurrent(1) + recurrent(4) + BLOCK,
        (X,),
    ),
}
