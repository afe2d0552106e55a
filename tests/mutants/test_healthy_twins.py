"""What mutants are made of gives the right gradient when nothing is left out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from gradcheck.mutants import (
    Situation,
    attention,
    convolution,
    gru,
    lstm,
    multi_head,
    normalised,
    pooling,
    recurrent,
    rnn,
    softmax_losses,
    transposed_convolution,
)
from gradcheck.mutants.mutant import Formula
from gradcheck.mutants.windows import added
from gradcheck.subject import Array
from tests.mutants.drawn import situations


def normalisation(situation: Situation) -> Mapping[str, Array]:
    if not situation.options.get("training", True):
        return {}
    return {"x": normalised.normalised(situation).dx()}


def maximum(situation: Situation) -> Mapping[str, Array]:
    return pooling._spread(situation, pooling._chosen(situation))


def mean(situation: Situation) -> Mapping[str, Array]:
    return pooling._spread(situation, pooling._shares(situation))


def softmax_loss(situation: Situation) -> Mapping[str, Array]:
    return {"x": softmax_losses._right(softmax_losses._parts(situation))}


def in_steps(situation: Situation) -> Mapping[str, Array]:
    return recurrent.summed(recurrent.through_time(situation))


LSTM, GRU = lstm._step(lambda cell: cell.back()), gru._step(lambda cell: cell.back())

TWINS: list[tuple[str, Formula]] = [
    ("scaled-dot-product-attention", attention._wrong(lambda the: the.back())),
    ("multi-head-attention", multi_head._inside(lambda the: the.back())),
    ("multi-head-cross-attention", multi_head._inside(lambda the: the.back())),
    *((kind, in_steps) for kind in ("rnn", "lstm", "gru")),
    ("rnn-cell", rnn._step("right")),
    ("lstm-cell", LSTM),
    ("gru-cell", GRU),
    ("rnn", recurrent.in_time(rnn._step("right"))),
    ("lstm", recurrent.in_time(LSTM)),
    ("gru", recurrent.in_time(GRU)),
    *((kind, normalisation) for kind in ("batch-norm", "layer-norm", "group-norm", "rms-norm")),
    ("instance-norm", normalisation),
    ("conv1d", convolution._written(added)),
    ("conv2d", convolution._written(added)),
    ("conv-transpose2d", transposed_convolution._wrong()),
    *((kind, maximum) for kind in ("max-pool1d", "max-pool2d")),
    *((kind, mean) for kind in ("avg-pool1d", "avg-pool2d")),
    *((kind, softmax_loss) for kind in ("softmax-with-loss", "time-softmax-with-loss")),
]


@pytest.mark.parametrize(("kind", "formula"), TWINS, ids=[kind for kind, _ in TWINS])
def test_nothing_left_out_is_right(kind: str, formula: Formula) -> None:
    for situation in situations(kind):
        with np.errstate(all="ignore"):  # as mutants are run: a row may look nowhere
            found = formula(situation)
        for name in set(found) & set(situation.gradients):
            array, right = found[name], situation.gradients[name]
            size = max(np.abs(right).max(initial=0), np.abs(situation.dout).max(initial=0))
            np.testing.assert_allclose(array, right, rtol=1e-8, atol=1e-8 * size)
