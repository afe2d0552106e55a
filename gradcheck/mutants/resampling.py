"""Mistakes in layers that make images larger, smaller or of a given size."""

from __future__ import annotations

import numpy as np

from gradcheck.kinds import find_kind
from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.parts import with_ones_upstream
from gradcheck.mutants.situation import Situation, situation_of
from gradcheck.mutants.windows import per_axis
from gradcheck.subject import Array


def _factors(situation: Situation) -> tuple[int, ...]:
    return per_axis(situation.options["factor"], 2)


def _one_of_block(last: bool) -> Formula:
    """The student took one element of each block instead of their sum."""

    def formula(situation: Situation) -> dict[str, Array]:
        a, b = _factors(situation)
        first = (a - 1, b - 1) if last else (0, 0)
        return {"x": situation.dout[:, :, first[0] :: a, first[1] :: b]}

    return formula


def _mean_of_block(situation: Situation) -> dict[str, Array]:
    """The student took the mean of each block."""
    return {"x": situation.gradients["x"] / np.prod(_factors(situation))}


def _tiled(situation: Situation) -> dict[str, Array]:
    """The student summed as if the image had been tiled, not its pixels repeated."""
    (N, C, H, V), (a, b) = situation.arrays["x"].shape, _factors(situation)
    return {"x": situation.dout.reshape(N, C, a, H, b, V).sum(axis=(2, 4))}


def _as_nearest(situation: Situation) -> dict[str, Array]:
    """The student went back as if pixels had been repeated."""
    nearest = situation_of(
        find_kind("upsample-nearest"), situation.arrays, situation.options, situation.upstream
    )
    return {} if nearest is None else dict(nearest.gradients)


def _interpolation(count: int, length: int) -> Array:
    """Return the weights of linear interpolation with corners in their places."""
    u = np.linspace(0, length - 1, count)[:, np.newaxis]
    return np.asarray(np.maximum(0, 1 - np.abs(u - np.arange(length))))


def _corners_aligned(situation: Situation) -> dict[str, Array]:
    """The student aligned the centres of the corners in backward, and not in forward."""
    (_, _, H, V), (_, _, P, Q) = situation.arrays["x"].shape, situation.dout.shape
    return {"x": _interpolation(P, H).T @ situation.dout @ _interpolation(Q, V)}


def _spread(situation: Situation) -> dict[str, Array]:
    """The student gave dout to every pixel of the block that was reduced to one."""
    a, b = _factors(situation)
    H, V = situation.arrays["x"].shape[2:]
    wide = np.repeat(np.repeat(situation.dout, a, axis=2), b, axis=3)
    return {"x": wide[:, :, :H, :V]}


def _at_end_of_block(situation: Situation) -> dict[str, Array]:
    """The student gave dout to the last pixel of each block."""
    a, b = _factors(situation)
    dx = np.zeros_like(situation.arrays["x"])
    target = dx[:, :, a - 1 :: a, b - 1 :: b]
    target[...] = situation.dout[:, :, : target.shape[2], : target.shape[3]]
    return {"x": dx}


def _at_corner(situation: Situation) -> dict[str, Array]:
    """The student put dout into the first corner, without gaps."""
    dx = np.zeros_like(situation.arrays["x"])
    P, Q = situation.dout.shape[2:]
    dx[:, :, :P, :Q] = situation.dout
    return {"x": dx}


def _global(wanted: str) -> Formula:
    """Mistakes in dout over the number of pixels, for all of them."""

    def formula(situation: Situation) -> dict[str, Array]:
        x = situation.arrays["x"]
        dout = situation.dout.reshape(*situation.dout.shape, *[1] * (x.ndim - 2))
        if wanted == "largest":
            flat = x.reshape(*x.shape[:2], -1)
            chosen = flat.argmax(axis=-1)[..., np.newaxis] == np.arange(flat.shape[-1])
            return {"x": chosen.reshape(x.shape) * dout}
        divisors = {"one": 1.0, "side": x.shape[2], "channels": np.prod(x.shape[1:])}
        return {"x": np.broadcast_to(dout / divisors[wanted], x.shape)}

    return formula


def _adaptive(wanted: str) -> Formula:
    """Mistakes in the windows from floor(pH/P) to ceil((p+1)H/P), and in their sizes."""

    def formula(situation: Situation) -> dict[str, Array]:
        (_, _, H, V), (_, _, P, Q) = situation.arrays["x"].shape, situation.dout.shape
        return {"x": _covered(wanted, P, H).T @ situation.dout @ _covered(wanted, Q, V)}

    return formula


def _covered(wanted: str, count: int, length: int) -> Array:
    p, h = np.arange(count)[:, np.newaxis], np.arange(length)
    last = (p + 1) * length // count if wanted == "floor" else -(-(p + 1) * length // count)
    weights = np.asarray((p * length // count <= h) & (h < last), float)
    if wanted == "not-divided":
        return weights
    if wanted == "equal":
        return weights / (length // count)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


_BLOCK = "Sum dout over the a * b pixels that came from one pixel of x."
_LINEAR = "Each pixel of dout goes back to the pixels it came from, by the weights of forward."
_KEPT = "dx = zeros; dx[:, :, ::a, ::b] = dout."
_SHARE = "dx = dout / (H * V) for every pixel."
_WINDOWS = "The same windows and the same numbers of pixels as in forward."

_TOLD: dict[str, tuple[str, str, str, Formula]] = {
    "first-of-block": (
        "upsample-nearest upsample-bilinear",
        _BLOCK,
        "{gradient} takes the first pixel of each block of dout; all must be summed",
        _one_of_block(last=False),
    ),
    "last-of-block": (
        "upsample-nearest",
        _BLOCK,
        "{gradient} takes the last pixel of each block of dout; all must be summed",
        _one_of_block(last=True),
    ),
    "mean-of-block": (
        "upsample-nearest",
        _BLOCK,
        "{gradient} is the mean of each block of dout; it must be the sum",
        _mean_of_block,
    ),
    "tiled": (
        "upsample-nearest",
        _BLOCK,
        "{gradient} sums as if the image were tiled; forward repeats each pixel",
        _tiled,
    ),
    "sum-of-block": (
        "upsample-bilinear",
        _LINEAR,
        "{gradient} sums blocks, as if pixels were repeated; forward interpolates",
        _as_nearest,
    ),
    "corners-aligned": (
        "upsample-bilinear",
        _LINEAR,
        "{gradient} uses the weights for aligned corners; those of forward are others",
        _corners_aligned,
    ),
    "every-pixel-of-block": (
        "downsample",
        _KEPT,
        "{gradient} goes to every pixel of a block; only the first was kept",
        _spread,
    ),
    "last-pixel-of-block": (
        "downsample",
        _KEPT,
        "{gradient} goes to the last pixel of a block; the first was kept",
        _at_end_of_block,
    ),
    "without-gaps": (
        "downsample",
        _KEPT,
        "{gradient} puts dout into the first corner; its pixels lie a factor apart",
        _at_corner,
    ),
    "not-divided": (
        "global-avg-pool",
        _SHARE,
        "{gradient} gives all of dout to every pixel: it must be divided by their number",
        _global("one"),
    ),
    "divided-by-side": (
        "global-avg-pool",
        _SHARE,
        "{gradient} is divided by the height, not by the number of pixels",
        _global("side"),
    ),
    "divided-by-channels-too": (
        "global-avg-pool",
        _SHARE,
        "{gradient} is divided by the number of channels too",
        _global("channels"),
    ),
    "largest-pixel": (
        "global-avg-pool",
        _SHARE,
        "{gradient} goes to the largest pixel of each channel: that is the rule of the maximum",
        _global("largest"),
    ),
    "windows-not-divided": (
        "adaptive-avg-pool2d",
        _WINDOWS,
        "{gradient} gives all of dout to every pixel of a window: divide by their number",
        _adaptive("not-divided"),
    ),
    "windows-of-equal-size": (
        "adaptive-avg-pool2d",
        _WINDOWS,
        "{gradient} divides by H // P for every window; some windows are larger",
        _adaptive("equal"),
    ),
    "windows-too-short": (
        "adaptive-avg-pool2d",
        _WINDOWS,
        "the windows in {gradient} end at the floor of (p + 1) * H / P; its ceiling is right",
        _adaptive("floor"),
    ),
    "upstream-ignored": (
        "upsample-nearest upsample-bilinear downsample global-avg-pool adaptive-avg-pool2d",
        "Multiply by dout.",
        "{gradient} does not use the upstream gradient: it is as if dout were ones",
        with_ones_upstream,
    ),
}

MUTANTS: tuple[Mutant, ...] = tuple(
    mutant(name, text, repair, kinds, formula)
    for name, (kinds, repair, text, formula) in _TOLD.items()
)
"""The mistakes, each with its formula."""
