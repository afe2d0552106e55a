"""Mistakes in the transposed convolution, whose backward is a convolution of dout."""

from __future__ import annotations

import numpy as np

from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.situation import Situation
from gradcheck.mutants.windows import per_axis, places
from gradcheck.subject import Array


def _windows(dout: Array, situation: Situation, stride: int | None, dilation: int | None) -> Array:
    """Return the windows (N, F, K, L, H, V) of a padded dout; what is beyond its end is zero."""
    W, options = situation.arrays["W"], situation.options
    size, counts = W.shape[2:], situation.arrays["x"].shape[2:]
    steps = per_axis(options.get("stride", 1) if stride is None else stride, 2)
    gaps = per_axis(options.get("dilation", 1) if dilation is None else dilation, 2)
    wide = np.pad(dout, [(0, 0), (0, 0), (0, 64), (0, 64)])
    found = np.zeros((*dout.shape[:2], *size, *counts), dout.dtype)
    for (h, v), seen in places(size, counts, steps, gaps):
        found[..., h, v] = wide[seen]
    return found


def _from(windows: Array, situation: Situation) -> dict[str, Array]:
    """Return dx and dW from the windows of dout."""
    W, x, groups = situation.arrays["W"], situation.arrays["x"], situation.options.get("groups", 1)
    parts = zip(
        *(np.split(one, groups, axis=n) for one, n in ((W, 0), (x, 1), (windows, 1))), strict=True
    )
    dx, dW = [], []
    for weight, image, seen in parts:
        dx.append(np.einsum("cfkl,nfklhv->nchv", weight, seen))
        dW.append(np.einsum("nchv,nfklhv->cfkl", image, seen))
    return {"x": np.concatenate(dx, axis=1), "W": np.concatenate(dW, axis=0)}


def _wrong(
    *, stride: int | None = None, dilation: int | None = None, shift: int = 0, pad: bool = True
) -> Formula:
    """The student took other windows of dout than those that the pixels of x were spread over."""

    def formula(situation: Situation) -> dict[str, Array]:
        before = [p * pad + shift for p in per_axis(situation.options.get("pad", 0), 2)]
        if min(before) < 0:
            return {}
        margins = [(0, 0), (0, 0), *((b, 0) for b in before)]
        return _from(
            _windows(np.pad(situation.dout, margins), situation, stride, dilation), situation
        )

    return formula


_RULE = "dx is the convolution of dout, padded by pad, with W at the same stride and dilation."

MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "stride-ignored",
        "{gradient} ignores the stride: pixel h was spread from h * stride on",
        _RULE,
        "conv-transpose2d",
        _wrong(stride=1),
    ),
    mutant(
        "dilation-ignored",
        "{gradient} ignores the dilation: it is as if the kernel had no gaps",
        _RULE,
        "conv-transpose2d",
        _wrong(dilation=1),
    ),
    mutant(
        "padding-ignored",
        "{gradient} is shifted: dout is not padded by what forward cut off",
        _RULE,
        "conv-transpose2d",
        _wrong(pad=False),
    ),
    mutant(
        "padding-one-too-many",
        "{gradient} is shifted by one pixel: dout is padded by one too many",
        _RULE,
        "conv-transpose2d",
        _wrong(shift=1),
    ),
)
"""The mistakes, each with its formula."""
