"""Mistakes in layers that move numbers and change none."""

from __future__ import annotations

import numpy as np

from gradcheck.mutants.mutant import Mutant, mutant
from gradcheck.mutants.parts import with_ones_upstream
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array


def _column_order(situation: Situation) -> dict[str, Array]:
    """The student went back in the order of columns: reshape with order="F"."""
    return {"x": situation.dout.reshape(situation.arrays["x"].shape, order="F")}


def _axes_reversed(situation: Situation) -> dict[str, Array]:
    """The student reshaped to the axes of x in reverse, and transposed."""
    return {"x": situation.dout.reshape(situation.arrays["x"].shape[::-1]).T}


def _channels_last(situation: Situation) -> dict[str, Array]:
    """The student went back as if the channels had been the last axis."""
    N, C, *rest = situation.arrays["x"].shape
    if len(rest) < 2:
        return {}
    return {"x": np.moveaxis(situation.dout.reshape(N, *rest, C), -1, 1)}


def _forward_permutation(situation: Situation) -> dict[str, Array]:
    """The student applied the permutation of forward again; it fits where axes are equal."""
    return {"x": np.transpose(situation.dout, situation.options["axes"])}


def _reshaped(situation: Situation) -> dict[str, Array]:
    """The student reshaped where the axes must be permuted."""
    return {"x": situation.dout.reshape(situation.arrays["x"].shape)}


def _not_transposed(situation: Situation) -> dict[str, Array]:
    """The student passed dout on; it fits where all axes are equal."""
    return {"x": situation.dout}


def _last_axes_exchanged(situation: Situation) -> dict[str, Array]:
    """The student exchanged the last two axes, whatever the permutation is."""
    return {"x": np.swapaxes(situation.dout, -1, -2)}


def _parts_exchanged(situation: Situation) -> dict[str, Array]:
    """The student cut dout in the wrong order: the second part for the first array."""
    x, y = situation.arrays["x"], situation.arrays["y"]
    axis = int(situation.options["axis"])
    size, other = x.shape[axis], y.shape[axis]
    parts = np.split(situation.dout, [other], axis=axis)
    if size == other:
        return {"x": parts[1], "y": parts[0]}
    return {"x": np.take(situation.dout, range(other, other + size), axis=axis), "y": parts[0]}


def _offset(situation: Situation) -> dict[str, Array]:
    """The student began the second part at zero."""
    y = situation.arrays["y"]
    axis = int(situation.options["axis"])
    return {"y": np.take(situation.dout, range(y.shape[axis]), axis=axis)}


_ROWS = "dx = dout.reshape(x.shape), in the same order of numbers as forward."
_UNDO = "Undo the permutation: np.transpose(dout, np.argsort(axes))."
_CUT = "np.split(dout, [x.shape[axis]], axis): the first part is dx, the second dy."

MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "column-order",
        "{gradient} has its numbers in the order of columns (order='F')",
        _ROWS,
        "flatten reshape",
        _column_order,
    ),
    mutant(
        "axes-reversed",
        "{gradient} has its axes reversed: reshaped to x.shape[::-1] and transposed",
        _ROWS,
        "flatten",
        _axes_reversed,
    ),
    mutant(
        "channels-last",
        "{gradient} is cut as if the channels were the last axis",
        _ROWS,
        "flatten",
        _channels_last,
    ),
    mutant(
        "permutation-of-forward",
        "{gradient} is permuted as in forward: backward needs the inverse permutation",
        _UNDO,
        "transpose",
        _forward_permutation,
    ),
    mutant(
        "reshape-for-transpose",
        "{gradient} is reshaped to the shape of x: its axes must be permuted back",
        _UNDO,
        "transpose",
        _reshaped,
    ),
    mutant(
        "not-transposed",
        "{gradient} is dout as it came: it must be permuted back",
        _UNDO,
        "transpose",
        _not_transposed,
    ),
    mutant(
        "last-axes-exchanged",
        "{gradient} has the last two axes exchanged, whatever forward did",
        _UNDO,
        "transpose",
        _last_axes_exchanged,
    ),
    mutant(
        "parts-exchanged",
        "the parts of dout are exchanged: {gradient} got that of the other array",
        _CUT,
        "concatenate",
        _parts_exchanged,
    ),
    mutant(
        "second-part-from-start",
        "{gradient} begins at the start of dout: it must begin behind the first array",
        _CUT,
        "concatenate",
        _offset,
    ),
    mutant(
        "upstream-ignored",
        "{gradient} is ones: the upstream gradient is not used",
        "Move the numbers of dout back to where they came from.",
        "identity flatten reshape transpose concatenate add sub",
        with_ones_upstream,
    ),
    mutant(
        "times-input",
        "{gradient} is multiplied by x; the derivative is one",
        "dx = dout.",
        "identity",
        lambda s: {"x": s.dout * s.arrays["x"]},
    ),
)
"""The mistakes, each with its formula."""
