"""Operands that are broadcast: of an array with the axes ``N D`` and one with the axis ``D``.

Forgetting to sum over the axes that were broadcast is the classic fault of tensors. The arrays
stay the same, so that one signature describes all; what is cut or repeated here is put back in
the gradients.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

WAYS = ("same", "row", "one row", "row first", "column")
"""Both ``N D``; the second ``D``; ``1 D``; the first ``D``; the first ``N 1``."""


def given(way: str, arrays: Sequence[Any]) -> Sequence[Any]:
    """Return the operands made of two arrays ``N D`` and ``D``; others are left alone."""
    if not _broadcasts(arrays):
        return arrays
    full, row = arrays
    if way == "same":
        return full, np.array(np.broadcast_to(row, full.shape))
    if way == "row first":
        return row, full
    if way == "one row":
        return full, row[np.newaxis]
    return (full[:, :1], row) if way == "column" else arrays


def gradients_as_given(way: str, gradients: Sequence[Any], arrays: Sequence[Any]) -> list[Any]:
    """Return the gradients of the arrays; one of a wrong shape is left as it is, for all to see."""
    if not _broadcasts(arrays):
        return list(gradients)
    full, row = arrays
    first, second = gradients[::-1] if way == "row first" else gradients
    if way == "same" and np.shape(second) == full.shape:
        second = second.sum(axis=0)
    if way == "one row" and np.shape(second) == (1, *row.shape):
        second = second[0]
    if way == "column" and np.shape(first) == (len(full), 1):
        widened = np.zeros(full.shape)
        widened[:, :1] = first
        first = widened
    return [first, second]


def _broadcasts(arrays: Sequence[Any]) -> bool:
    return [np.ndim(one) for one in arrays] == [2, 1]
