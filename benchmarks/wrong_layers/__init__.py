"""Layers that are wrong in exactly one way, over all kinds of layers and classes of bugs.

Each derives from a right layer of ``benchmarks/right_layers`` and changes one thing. That they
are wrong is shown by ``benchmarks/verified_wrong.py``, without gradcheck.
"""

from __future__ import annotations

from benchmarks.records import Wrong
from benchmarks.wrong_layers import (
    activations,
    affine,
    arrays,
    conduct,
    convolution,
    embedding,
    losses,
    nodes,
    normalisation,
    pooling,
    recurrent,
    state,
)

_FAMILIES = (
    affine,
    activations,
    losses,
    normalisation,
    convolution,
    pooling,
    recurrent,
    embedding,
    nodes,
    state,
    conduct,
    arrays,
)

WRONG: tuple[Wrong, ...] = tuple(one for family in _FAMILIES for one in family.WRONG)
