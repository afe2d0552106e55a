"""Mistakes in convolutions of signals and images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.parts import with_ones_upstream
from gradcheck.mutants.situation import Situation
from gradcheck.mutants.windows import (
    corner,
    cropped,
    overwritten,
    overwritten_by_cell,
    per_axis,
)
from gradcheck.subject import Array

_Writer = Callable[[Array, tuple[int, ...], tuple[int, ...], tuple[int, ...]], Array]


def _spatial(situation: Situation) -> tuple[int, ...]:
    return tuple(range(2, situation.arrays["W"].ndim))


def _option(situation: Situation, name: str) -> tuple[int, ...]:
    default = 0 if name == "pad" else 1
    return per_axis(situation.options.get(name, default), len(_spatial(situation)))


def _with_options(**replaced: int) -> Formula:
    """The student went back as if an option had its plain value: windows from the first corner."""

    def formula(situation: Situation) -> dict[str, Array]:
        blank = _blank(situation, replaced)
        return dict(blank.again(upstream={"y": corner(situation.dout, blank.y.shape)}).gradients)

    return formula


def _blank(situation: Situation, options: dict[str, int]) -> Situation:
    """Return the situation at other options, whose output may have another shape."""
    layer = situation.kind.reference
    if layer is None:
        raise ValueError(f"{situation.kind.name} has no reference")
    held = {name: situation.arrays[name] for name in ("W", "b") if name in situation.arrays}
    y = layer(**held, **{**situation.options, **options}).forward(situation.arrays["x"])
    return situation.again(upstream={"y": np.zeros_like(y)}, options=options)


def _padded_gradient(situation: Situation) -> Array:
    """Return the gradient of the padded image, before the padding is cut off."""
    pad = _option(situation, "pad")
    margins = [(0, 0), (0, 0), *((p, p) for p in pad)]
    return situation.again(
        arrays={"x": np.pad(situation.arrays["x"], margins)}, options={"pad": 0}
    ).gradients["x"]


def _cropped_at(where: str) -> Formula:
    """The student cut the padding off at one end only."""

    def formula(situation: Situation) -> dict[str, Array]:
        lengths = situation.arrays["x"].shape[2:]
        before = tuple(
            {"end": 0, "begin": 2 * p, "shifted": p - 1}[where] for p in _option(situation, "pad")
        )
        if min(before) < 0:
            return {}
        return {"x": cropped(_padded_gradient(situation), before, lengths)}

    return formula


def _flipped(situation: Situation) -> dict[str, Array]:
    """The student turned the kernel by 180 degrees once too often, or not once."""
    W = np.flip(situation.arrays["W"], _spatial(situation))
    return {"x": situation.again(arrays={"W": W}).gradients["x"]}


def _weight_gradient_flipped(situation: Situation) -> dict[str, Array]:
    """The student's dW is turned by 180 degrees."""
    return {"W": np.flip(situation.gradients["W"], _spatial(situation))}


def _kernel_transposed(situation: Situation) -> dict[str, Array]:
    """The student exchanged rows and columns of the kernel; it fits where it is square."""
    W = situation.arrays["W"]
    if W.ndim != 4 or W.shape[2] != W.shape[3]:
        return {}
    return {
        "x": situation.again(arrays={"W": W.swapaxes(2, 3)}).gradients["x"],
        "W": situation.gradients["W"].swapaxes(2, 3),
    }


def _channels_exchanged(situation: Situation) -> dict[str, Array]:
    """The student exchanged the axes of filters and channels; it fits where they are as many."""
    W = situation.arrays["W"].swapaxes(0, 1)
    if situation.options.get("groups", 1) != 1 or W.shape != situation.arrays["W"].shape:
        return {}
    dx = situation.again(arrays={"W": W}).gradients["x"]
    return {"x": dx, "W": situation.gradients["W"].swapaxes(0, 1)}


def _written(writer: _Writer) -> Formula:
    """The student wrote the gradients of overlapping windows over each other."""

    def formula(situation: Situation) -> dict[str, Array]:
        x, pad = situation.arrays["x"], _option(situation, "pad")
        stride, dilation = _option(situation, "stride"), _option(situation, "dilation")
        wide = tuple(n + 2 * p for n, p in zip(x.shape[2:], pad, strict=True))
        image = writer(_cells(situation), (*x.shape[:2], *wide), stride, dilation)
        return {"x": cropped(image, pad, x.shape[2:])}

    return formula


def _cells(situation: Situation) -> Array:
    """Return the gradients of the windows, (N, C, K.., P..)."""
    W, dout, groups = situation.arrays["W"], situation.dout, situation.options.get("groups", 1)
    axes = W.ndim - 2
    pairs = zip(np.split(W, groups, axis=0), np.split(dout, groups, axis=1), strict=True)
    found = [np.tensordot(d, w, axes=(1, 0)) for w, d in pairs]  # (N, P.., C, K..)
    moved = [np.moveaxis(one, range(1, 1 + axes), range(-axes, 0)) for one in found]
    return np.concatenate(moved, axis=1)


def _of_sample(index: int) -> Formula:
    """The student overwrote the gradients of the parameters in a loop over the samples."""

    def formula(situation: Situation) -> dict[str, Array]:
        keys = slice(index, index + 1 or None)
        x, dout = situation.arrays["x"][keys], situation.dout[keys]
        found = situation.again(arrays={"x": x}, upstream={"y": dout}).gradients
        return {name: found[name] for name in ("W", "b") if name in found}

    return formula


def _of_last_place(situation: Situation) -> dict[str, Array]:
    """The student overwrote dW and db at every place of the window."""
    dout = np.zeros_like(situation.dout)
    last: tuple[Any, ...] = (slice(None), slice(None), *[-1] * len(_spatial(situation)))
    dout[last] = situation.dout[last]
    found = situation.again(upstream={"y": dout}).gradients
    return {name: found[name] for name in ("W", "b") if name in found}


def _dx_of_last_filter(situation: Situation) -> dict[str, Array]:
    """The student overwrote dx in a loop over the filters."""
    dout = np.zeros_like(situation.dout)
    dout[:, -1] = situation.dout[:, -1]
    return {"x": situation.again(upstream={"y": dout}).gradients["x"]}


def _bias_total(situation: Situation) -> dict[str, Array]:
    """The student summed over the filters too."""
    return {"b": np.full_like(situation.arrays["b"], situation.dout.sum())}


def _bias_per_place(situation: Situation) -> dict[str, Array]:
    """The student took the mean over the places, and the sum over the batch."""
    return {"b": situation.dout.mean(axis=tuple(range(2, situation.dout.ndim))).sum(axis=0)}


_CONV = "conv1d conv2d"
_BOTH = f"{_CONV} conv-transpose2d"
_SUM = "Begin with zeros and add: dW += ... for every sample and place."
_CROP = "Cut the padding off at both ends: dx[:, :, pad:pad + H, pad:pad + V]."
_ADD = "Windows overlap: add with +=, do not assign."
_KERNEL = "dx of a window is W times dout, with W as in forward."

_TOLD: dict[str, tuple[str, str, str, Formula]] = {
    "stride-ignored": (
        _CONV,
        "Window p begins at p * stride in backward too.",
        "{gradient} ignores the stride: it is as if windows began one pixel apart",
        _with_options(stride=1),
    ),
    "dilation-ignored": (
        _CONV,
        "Cell k of a window lies at k * dilation in backward too.",
        "{gradient} ignores the dilation: it is as if the kernel had no gaps",
        _with_options(dilation=1),
    ),
    "padding-ignored": (
        _CONV,
        _CROP,
        "{gradient} ignores the padding: windows are counted from the image's own corner",
        _with_options(pad=0),
    ),
    "padding-cut-at-end": (
        _CONV,
        _CROP,
        "{gradient} is shifted: the padding was cut off at the end only",
        _cropped_at("end"),
    ),
    "padding-cut-at-begin": (
        _CONV,
        _CROP,
        "{gradient} is shifted: the padding was cut off at the beginning only",
        _cropped_at("begin"),
    ),
    "padding-cut-one-off": (
        _CONV,
        _CROP,
        "{gradient} is shifted by one pixel: the padding is cut off at pad - 1",
        _cropped_at("shifted"),
    ),
    "kernel-flipped": (
        _BOTH,
        _KERNEL,
        "{gradient} uses the kernel turned by 180 degrees: flipped once too often, or not once",
        _flipped,
    ),
    "weight-gradient-flipped": (
        _BOTH,
        "dW[f, c, k] = sum of dout * the pixel that cell k saw in forward.",
        "{gradient} is turned by 180 degrees",
        _weight_gradient_flipped,
    ),
    "kernel-transposed": (
        "conv2d conv-transpose2d",
        "Keep the order of rows and columns of the kernel.",
        "{gradient} has rows and columns of the kernel exchanged",
        _kernel_transposed,
    ),
    "channels-exchanged": (
        _BOTH,
        "Check the order of the axes: filters first, then channels, as in forward.",
        "{gradient} has the axes of filters and channels exchanged; it fits if both are as many",
        _channels_exchanged,
    ),
    "overwritten-per-window": (
        _CONV,
        _ADD,
        "{gradient} is assigned window by window (=): where windows overlap, add (+=)",
        _written(overwritten),
    ),
    "overwritten-per-cell": (
        _CONV,
        _ADD,
        "{gradient} is assigned in col2im (=): where windows overlap, add (+=)",
        _written(overwritten_by_cell),
    ),
    "only-last-filter": (
        _BOTH,
        "dx += ... for every filter.",
        "{gradient} comes from the last filter only: overwritten in the loop, not summed",
        _dx_of_last_filter,
    ),
    "only-last-sample": (
        _BOTH,
        _SUM,
        "{gradient} comes from the last sample only: overwritten in the loop, not summed",
        _of_sample(-1),
    ),
    "only-first-sample": (
        _BOTH,
        _SUM,
        "{gradient} comes from the first sample only",
        _of_sample(0),
    ),
    "only-last-place": (
        _CONV,
        _SUM,
        "{gradient} comes from the last place of the window only: overwritten, not summed",
        _of_last_place,
    ),
    "bias-total": (
        _BOTH,
        "Sum over all axes but that of the filters: dout.sum(axis=(0, 2, 3)).",
        "{gradient} has the sum over all filters in every element",
        _bias_total,
    ),
    "bias-mean-over-places": (
        _BOTH,
        "Sum over all axes but that of the filters: dout.sum(axis=(0, 2, 3)).",
        "{gradient} is the mean over the places of the window; b entered all of them",
        _bias_per_place,
    ),
    "upstream-ignored": (
        _BOTH,
        "Multiply every window by dout at its place.",
        "{gradient} does not use the upstream gradient: it is as if dout were ones",
        with_ones_upstream,
    ),
}

MUTANTS: tuple[Mutant, ...] = tuple(
    mutant(name, text, repair, kinds, formula)
    for name, (kinds, repair, text, formula) in _TOLD.items()
)
"""The mistakes, each with its formula."""
