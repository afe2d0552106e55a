"""Examples of the recurrent layers, for the tests of the contract."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from layers.gru import GRU, GRUCell
from layers.lstm import LSTM, LSTMCell
from layers.rnn import RNN, RNNCell

RNG = np.random.default_rng(50)
N, T, D, H = 3, 4, 2, 3
X, XS = RNG.standard_normal((N, D)), RNG.standard_normal((N, T, D))
STATE, CELL = RNG.standard_normal((2, N, H))


def weights(gates: int) -> tuple[Any, ...]:
    """Draw Wx, Wh and b."""
    sizes = ((D, gates * H), (H, gates * H), (gates * H,))
    return tuple(0.7 * RNG.standard_normal(size) for size in sizes)


ONE, FOUR, THREE = weights(1), weights(4), weights(3)
BH = RNG.standard_normal(3 * H)

# Construction, parameter arrays, arguments of forward.
EXAMPLES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "RNNCell": (RNNCell, ONE, (X, STATE)),
    "RNNCell, relu": (partial(RNNCell, activation="relu"), ONE, (X, STATE)),
    "RNN": (RNN, ONE, (XS, STATE)),
    "RNN, from zero": (RNN, ONE, (XS,)),
    "RNN, relu": (partial(RNN, activation="relu"), ONE, (XS, STATE)),
    "RNN, one step": (RNN, ONE, (XS[:, :1], STATE)),
    "RNN, no step": (RNN, ONE, (XS[:, :0], STATE)),
    "LSTMCell": (LSTMCell, FOUR, (X, STATE, CELL)),
    "LSTMCell, fgio": (partial(LSTMCell, gates="fgio"), FOUR, (X, STATE, CELL)),
    "LSTM": (LSTM, FOUR, (XS, STATE, CELL)),
    "LSTM, from zero": (LSTM, FOUR, (XS,)),
    "LSTM, ifog": (partial(LSTM, gates="ifog"), FOUR, (XS, STATE, CELL)),
    "LSTM, no step": (LSTM, FOUR, (XS[:, :0], STATE, CELL)),
    "GRUCell": (GRUCell, THREE, (X, STATE)),
    "GRUCell, two biases": (GRUCell, (*THREE, BH), (X, STATE)),
    "GRUCell, reset before": (partial(GRUCell, reset_after=False), THREE, (X, STATE)),
    "GRUCell, zrn": (partial(GRUCell, gates="zrn"), (*THREE, BH), (X, STATE)),
    "GRU": (GRU, THREE, (XS, STATE)),
    "GRU, two biases": (GRU, (*THREE, BH), (XS, STATE)),
    "GRU, from zero": (GRU, (*THREE, BH), (XS,)),
    "GRU, reset before": (partial(GRU, reset_after=False, gates="zrn"), THREE, (XS, STATE)),
    "GRU, no step": (GRU, (*THREE, BH), (XS[:, :0], STATE)),
}
