"""Is every wrong layer wrong, and every right one right? Independent of gradcheck.

    python benchmarks/verified_wrong.py

Gradients are compared with central differences in long double of the layer's own forward,
extrapolated from three steps (Richardson), element by element, at drawn points. A layer is wrong
if one gradient deviates by more than 1e-7 of the largest element of its array; faults that no
gradient of a first call shows are demonstrated by running them (``benchmarks/demonstrations.py``).
Prints how each wrong layer was verified; exit code 1 if one is not wrong or a right one is.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

# benchmarks/ is not installed: it is found beside this file.
sys.path.insert(0, str(Path(__file__).parent.parent))
from benchmarks.markdown import table
from benchmarks.points import Arrays, Point
from benchmarks.records import Entry, Wrong
from benchmarks.running import Missing, Run, copies, cotangents, gradients, outputs

DEVIATION = 1e-7
_STEP = np.longdouble(2.0**-9)
_CLOSE = 1e-9  # between the last two extrapolations, or the point is too near to a kink
_SEEDS = range(4)


def difference(layer: Any, point: Point, arrays: Arrays, name: str, up: list[Any]) -> Any:
    """Return the gradient of ``name`` by differences, nan where they do not converge."""
    wide = {
        key: value.astype(np.longdouble) if value.dtype.kind == "f" else value
        for key, value in copies(arrays).items()
    }

    def loss(place: tuple[int, ...], offset: Any) -> Any:
        moved = copies(wide)
        moved[name][place] += offset
        out = outputs(layer, point, moved)
        return sum(np.sum(u * y, dtype=np.longdouble) for u, y in zip(up, out, strict=True))

    found = np.full(wide[name].shape, np.nan, dtype=np.longdouble)
    for place in np.ndindex(*found.shape):
        size = _STEP * max(np.longdouble(1), abs(wide[name][place]))
        if point.values:
            size = size / 4
        rows = []
        for halvings in range(3):
            h = size / 2**halvings
            rows.append((loss(place, h) - loss(place, -h)) / (2 * h))
        once = [(4 * rows[1] - rows[0]) / 3, (4 * rows[2] - rows[1]) / 3]
        best = (16 * once[1] - once[0]) / 15
        if abs(best - once[1]) <= _CLOSE * max(1, abs(best)):
            found[place] = best
    return found


def deviation(layer: Any, point: Point, seed: int) -> float:
    """Return the largest relative deviation of a gradient, infinite where one is not there."""
    arrays = point.draw(seed)
    up = cotangents(outputs(layer, point, arrays), seed)
    try:
        claimed = gradients(layer, point, arrays, up)
    except Missing:
        return np.inf
    return max(
        _relative(claimed[name], difference(layer, point, arrays, name, up))
        for name in Run(layer, point).differentiable
    )


def _relative(claimed: Any, measured: Any) -> float:
    claimed = np.asarray(claimed)
    if claimed.shape != measured.shape:
        return np.inf
    known = np.isfinite(measured)
    if not known.any():
        return 0.0
    off = np.abs(claimed.astype(np.longdouble) - measured)[known]
    if not np.isfinite(off).all():
        return np.inf
    return float(off.max() / max(np.abs(measured[known]).max(), 1e-12))


def worst(layer: Any, point: Point) -> float:
    """Return the first deviation that proves a gradient wrong, or the largest of a few draws."""
    largest = 0.0
    with np.errstate(all="ignore"):
        for seed in _SEEDS:
            largest = max(largest, deviation(layer, point, seed))
            if largest > DEVIATION:
                break
    return largest


def proof(one: Wrong) -> str:
    """Return how the layer was proved wrong, or nothing."""
    if one.shows is not None:
        with np.errstate(all="ignore"):
            return "shown by running it" if one.shows(one.layer, one.where) else ""
    off = worst(one.layer, one.where)
    return f"gradient off by {off:.1e}" if off > DEVIATION else ""


def is_right(one: Entry) -> bool:
    """Return whether the gradients of a right layer are those of its forward."""
    return worst(one.layer, one.usual) < (1e-4 if "Textbook" in one.name else DEVIATION)


def main() -> int:
    """Print the proofs."""
    from benchmarks.right_layers import RIGHT
    from benchmarks.wrong_layers import WRONG

    proofs = [(one, proof(one)) for one in WRONG]
    table(
        "Wrong layers", ["layer", "bug", "proof"], [(one.name, one.bug, why) for one, why in proofs]
    )
    unproved = [one.name for one, why in proofs if not why]
    accused = [one.name for one in RIGHT if not is_right(one)]
    print(f"\n{len(WRONG) - len(unproved)} of {len(WRONG)} verified wrong; not: {unproved}")
    print(f"{len(RIGHT) - len(accused)} of {len(RIGHT)} verified right; not: {accused}")
    return 1 if unproved or accused else 0


if __name__ == "__main__":
    sys.exit(main())
