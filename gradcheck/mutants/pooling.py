"""Mistakes in pooling, by the maximum or by the mean of windows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.parts import with_ones_upstream
from gradcheck.mutants.situation import Situation
from gradcheck.mutants.windows import (
    Place,
    added,
    cropped,
    overwritten,
    overwritten_by_cell,
    per_axis,
    places,
)
from gradcheck.subject import Array

_Writer = Callable[[Array, tuple[int, ...], tuple[int, ...], tuple[int, ...]], Array]


def _option(situation: Situation, name: str) -> tuple[int, ...]:
    return per_axis(situation.options[name], situation.arrays["x"].ndim - 2)


def _wide(situation: Situation, fill: float) -> Array:
    """Return x with its padding, and as far beyond as the last window reaches."""
    x, pad = situation.arrays["x"], _option(situation, "pad")
    size, stride = _option(situation, "size"), _option(situation, "stride")
    margins = [(0, 0), (0, 0)]
    for n, p, k, s, count in zip(
        x.shape[2:], pad, size, stride, situation.y.shape[2:], strict=True
    ):
        margins.append((p, max(p, (count - 1) * s + k - n - p)))
    return np.pad(x, margins, constant_values=fill)


def _windows(situation: Situation, fill: float = -np.inf) -> Array:
    """Return the windows (N, C, K.., P..)."""
    image, size = _wide(situation, fill), _option(situation, "size")
    counts = situation.y.shape[2:]
    found = np.zeros((*image.shape[:2], *size, *counts), image.dtype)
    for window, seen in places(size, counts, _option(situation, "stride"), (1,) * len(size)):
        key: Place = (Ellipsis, *window)
        found[key] = image[seen]
    return found


def _spread(situation: Situation, shares: Array, writer: _Writer = added) -> dict[str, Array]:
    """Give dout to the cells of the windows by their shares, and write these into the image."""
    cells = shares * np.expand_dims(situation.dout, _cells(situation))
    stride = _option(situation, "stride")
    image = writer(cells, _wide(situation, 0.0).shape, stride, (1,) * len(stride))
    return {"x": cropped(image, _option(situation, "pad"), situation.arrays["x"].shape[2:])}


def _cells(situation: Situation) -> tuple[int, ...]:
    return tuple(range(2, situation.arrays["x"].ndim))


def _chosen(situation: Situation, last: bool = False) -> Array:
    """Return one at the first, or the last, largest cell of each window."""
    windows, axes = _windows(situation), _cells(situation)
    flat = windows.reshape(*windows.shape[:2], -1, *windows.shape[2 + len(axes) :])
    order = flat[:, :, ::-1] if last else flat
    first = order.argmax(axis=2)
    index = flat.shape[2] - 1 - first if last else first
    number = np.arange(flat.shape[2]).reshape(-1, *[1] * len(axes))
    return np.asarray((number == index[:, :, np.newaxis]).reshape(windows.shape), float)


def _shares(situation: Situation) -> Array:
    """Return the share of each cell in the mean of its window."""
    ones = situation.again(arrays={"x": np.ones_like(situation.arrays["x"])})
    windows = _windows(ones, 0.0)
    count_pad = bool(situation.options["count_pad"])
    total = windows.sum(axis=_cells(situation), keepdims=True)
    scale = np.expand_dims(ones.y, _cells(situation)) if count_pad else 1.0
    return np.asarray(windows / total * scale)


def _max(shares: Callable[[Situation], Array], writer: _Writer = added) -> Formula:
    """The student gave dout to other cells of the window, or wrote them in another way."""
    return lambda situation: _spread(situation, shares(situation), writer)


def _ties(situation: Situation) -> Array:
    windows = _windows(situation)
    return np.asarray(windows == windows.max(axis=_cells(situation), keepdims=True), float)


def _ties_shared(situation: Situation) -> Array:
    tied = _ties(situation)
    return np.asarray(tied / tied.sum(axis=_cells(situation), keepdims=True))


def _first_cell(situation: Situation) -> Array:
    """The student gave all of dout to the first cell of the window."""
    found = np.zeros_like(_windows(situation, 0.0))
    first: Place = (slice(None), slice(None), *[0] * len(_cells(situation)))
    found[first] = 1
    return found


def _every_cell(situation: Situation) -> Array:
    return np.ones_like(_windows(situation, 0.0))


def _evenly(situation: Situation) -> Array:
    return np.asarray(_every_cell(situation) / np.prod(_option(situation, "size")))


def _smallest(situation: Situation) -> Array:
    windows = _windows(situation, np.inf)
    return np.asarray(windows == windows.min(axis=_cells(situation), keepdims=True), float)


def _times_value(situation: Situation) -> Array:
    windows = _windows(situation, 0.0)
    return np.asarray(_chosen(situation) * windows)


def _stride_ignored(situation: Situation) -> dict[str, Array]:
    """The student took the size of the window for its stride."""
    size, x = _option(situation, "size"), situation.arrays["x"]
    shares = _chosen(situation) if situation.kind.name.startswith("max") else _shares(situation)
    cells = shares * np.expand_dims(situation.dout, _cells(situation))
    shape = [n + 64 for n in x.shape[2:]]
    image = added(cells, (*x.shape[:2], *shape), size, (1,) * len(size))
    return {"x": cropped(image, _option(situation, "pad"), x.shape[2:])}


def _padding_kept(situation: Situation) -> dict[str, Array]:
    """The student cut the padding off at the end only."""
    shares = _chosen(situation) if situation.kind.name.startswith("max") else _shares(situation)
    cells = shares * np.expand_dims(situation.dout, _cells(situation))
    stride = _option(situation, "stride")
    image = added(cells, _wide(situation, 0.0).shape, stride, (1,) * len(stride))
    return {"x": cropped(image, (0,) * len(stride), situation.arrays["x"].shape[2:])}


def _divided_by_side(situation: Situation) -> Array:
    """The student divided by the side of the window, not by the number of its cells."""
    size = _option(situation, "size")
    return np.asarray(_shares(situation) * (np.prod(size) / size[0]))


def _pad_counted(situation: Situation) -> dict[str, Array]:
    """The student counted the padding in backward and not in forward, or the other way round."""
    other = not situation.options["count_pad"]
    return {"x": situation.again(options={"count_pad": other}).gradients["x"]}


_MAX, _MEAN = "max-pool1d max-pool2d", "avg-pool1d avg-pool2d"
_FIRST = "Give dout to the pixel that forward chose, np.argmax of the window."
_ADD = "Where windows overlap (stride < size), add with +=."
_EVEN = "Each of the K * L pixels of a window gets dout / (K * L)."

_TOLD: dict[str, tuple[str, str, str, Formula]] = {
    "ties-to-all": (
        _MAX,
        _FIRST,
        "{gradient} gives all of dout to each of several equal maxima",
        _max(_ties),
    ),
    "ties-shared": (
        _MAX,
        _FIRST,
        "{gradient} shares dout among several equal maxima",
        _max(_ties_shared),
    ),
    "overwritten-per-window": (
        _MAX,
        _ADD,
        "{gradient} is assigned window by window (=): where windows overlap, add (+=)",
        _max(_chosen, overwritten),
    ),
    "overwritten-per-cell": (
        _MAX,
        _ADD,
        "{gradient} is assigned in col2im (=): where windows overlap, add (+=)",
        _max(_chosen, overwritten_by_cell),
    ),
    "first-pixel": (
        _MAX,
        _FIRST,
        "{gradient} goes to the first pixel of each window, not to the largest",
        _max(_first_cell),
    ),
    "every-pixel": (
        _MAX,
        _FIRST,
        "{gradient} goes to every pixel of the window; only the largest gets it",
        _max(_every_cell),
    ),
    "evenly": (
        _MAX,
        _FIRST,
        "{gradient} is spread evenly over the window: that is the rule of average pooling",
        _max(_evenly),
    ),
    "smallest-pixel": (
        _MAX,
        _FIRST,
        "{gradient} goes to the smallest pixel of each window",
        _max(_smallest),
    ),
    "times-value": (
        _MAX,
        _FIRST,
        "{gradient} is multiplied by the maximum itself; it is dout alone",
        _max(_times_value),
    ),
    "stride-ignored": (
        f"{_MAX} {_MEAN}",
        "Window p begins at p * stride.",
        "{gradient} takes the size of the window for the stride",
        _stride_ignored,
    ),
    "padding-cut-at-end": (
        f"{_MAX} {_MEAN}",
        "Cut the padding off at both ends: dx[:, :, pad:pad + H, pad:pad + V].",
        "{gradient} is shifted: the padding was cut off at the end only",
        _padding_kept,
    ),
    "upstream-ignored": (
        f"{_MAX} {_MEAN}",
        "Multiply by dout of each window.",
        "{gradient} does not use the upstream gradient: it is as if dout were ones",
        with_ones_upstream,
    ),
}
_MEAN_TOLD: dict[str, tuple[str, str, str, Formula]] = {
    "overwritten-per-window": (
        _MEAN,
        _ADD,
        "{gradient} is assigned window by window (=): where windows overlap, add (+=)",
        _max(_shares, overwritten),
    ),
    "overwritten-per-cell": (
        _MEAN,
        _ADD,
        "{gradient} is assigned in col2im (=): where windows overlap, add (+=)",
        _max(_shares, overwritten_by_cell),
    ),
    "first-pixel": (
        _MEAN,
        _EVEN,
        "{gradient} goes to the first pixel of each window; all have the same share",
        _max(_first_cell),
    ),
    "not-divided": (
        _MEAN,
        _EVEN,
        "{gradient} gives all of dout to every pixel: it must be divided by their number",
        _max(_every_cell),
    ),
    "divided-by-side": (
        "avg-pool2d",
        _EVEN,
        "{gradient} is divided by the side of the window, not by the number of its pixels",
        _max(_divided_by_side),
    ),
    "largest-pixel": (
        _MEAN,
        _EVEN,
        "{gradient} goes to the largest pixel of each window: that is the rule of max pooling",
        _max(_chosen),
    ),
    "padding-counted-otherwise": (
        _MEAN,
        "Divide by the number of pixels that forward divided by.",
        "backward and forward differ in whether the padding counts in the mean",
        _pad_counted,
    ),
}

MUTANTS: tuple[Mutant, ...] = tuple(
    mutant(name, text, repair, kinds, formula)
    for told in (_TOLD, _MEAN_TOLD)
    for name, (kinds, repair, text, formula) in told.items()
)
"""The mistakes, each with its formula."""
