"""Layers that are right, in many styles: who accuses one of them raises a false alarm.

Written by hand, as students write, without gradcheck and without the reference layers; that
they are right is shown by ``benchmarks/verified_wrong.py``.
"""

from __future__ import annotations

from benchmarks.records import Right
from benchmarks.right_layers import (
    activations,
    affine,
    attention,
    convolution,
    embedding,
    losses,
    nodes,
    normalisation,
    own,
    pooling,
    recurrent,
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
    attention,
    nodes,
    own,
)

RIGHT: tuple[Right, ...] = tuple(one for family in _FAMILIES for one in family.RIGHT)
