"""The known wrong backwards of the reference layers, as formulas.

If a gradient equals one of these to rounding wherever it is wrong, the name of the mutant is the
answer. Each family is one module with a table of its own; a new mistake is one row and a formula.
"""

from __future__ import annotations

from functools import cache

from gradcheck.mutants import (
    affine,
    attention,
    binary_losses,
    class_losses,
    convolution,
    ctc,
    dropout,
    embedding,
    gelu,
    gru,
    hard_activations,
    lstm,
    multi_head,
    nodes,
    normalisation,
    pooling,
    prelu,
    rectifiers,
    recurrent,
    regression_losses,
    resampling,
    rnn,
    scaling,
    shaping,
    slopes,
    smooth_activations,
    softmax_losses,
    softmaxes,
    transposed_convolution,
)
from gradcheck.mutants.mutant import Mutant
from gradcheck.mutants.situation import Situation, situation_of

__all__ = ["MUTANTS", "Mutant", "Situation", "mutants_of", "situation_of"]

MUTANTS: tuple[Mutant, ...] = (
    *nodes.MUTANTS,
    *affine.MUTANTS,
    *slopes.MUTANTS,
    *smooth_activations.MUTANTS,
    *gelu.MUTANTS,
    *rectifiers.MUTANTS,
    *prelu.MUTANTS,
    *hard_activations.MUTANTS,
    *softmaxes.MUTANTS,
    *regression_losses.MUTANTS,
    *softmax_losses.MUTANTS,
    *class_losses.MUTANTS,
    *binary_losses.MUTANTS,
    *normalisation.MUTANTS,
    *scaling.MUTANTS,
    *convolution.MUTANTS,
    *transposed_convolution.MUTANTS,
    *pooling.MUTANTS,
    *recurrent.MUTANTS,
    *rnn.MUTANTS,
    *lstm.MUTANTS,
    *gru.MUTANTS,
    *dropout.MUTANTS,
    *embedding.MUTANTS,
    *shaping.MUTANTS,
    *resampling.MUTANTS,
    *attention.MUTANTS,
    *multi_head.MUTANTS,
    *ctc.MUTANTS,
)
"""All mutants, family by family."""


@cache
def mutants_of(kind: str) -> tuple[Mutant, ...]:
    """Return the mutants of the kind called ``kind``; none of a kind that is not known."""
    return tuple(one for one in MUTANTS if kind in one.kinds)
