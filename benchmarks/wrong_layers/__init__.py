"""Layers that are wrong in exactly one way, over all kinds of layers and classes of bugs.

Each derives from a right layer of ``benchmarks/right_layers`` and changes one thing. That they
are wrong is shown by ``benchmarks/verified_wrong.py``, without gradcheck.
"""

from __future__ import annotations

from benchmarks.records import Wrong
from benchmarks.wrong_layers import (
    activations,
    affine,
    convolution,
    dropout,
    dtypes,
    embedding,
    honesty,
    instances,
    interface,
    layout,
    losses,
    nodes,
    normalisation,
    pooling,
    purity,
    recurrent,
    regression_losses,
    smooth_activations,
    stability,
    state,
    time_affine,
)

_FAMILIES = (
    affine,
    time_affine,
    activations,
    smooth_activations,
    losses,
    regression_losses,
    normalisation,
    dropout,
    convolution,
    pooling,
    recurrent,
    embedding,
    nodes,
    state,
    instances,
    purity,
    interface,
    honesty,
    layout,
    dtypes,
    stability,
)

WRONG: tuple[Wrong, ...] = tuple(one for family in _FAMILIES for one in family.WRONG)
