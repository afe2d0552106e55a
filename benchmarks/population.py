"""The layers that the benchmarks check, and the proof that their backward passes are right.

    python benchmarks/population.py

compares every gradient with fourth-order differences in longdouble, element by element at input
scale 1, and prints the worst error of each layer relative to its largest gradient element. Steps
are smaller for layers with kinks, so that hardly any lies within reach. Where longdouble is no
wider than float64 (Windows, macOS on ARM) expect errors near 1e-9.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

# benchmarks/ is not installed: it is found beside this file.
sys.path.insert(0, str(Path(__file__).parent.parent))
from benchmarks import losses, pointwise, sequences, structured
from benchmarks.layer import Array, Arrays, Layer, differentiated

POPULATION: tuple[Layer, ...] = (
    *pointwise.LAYERS,
    *structured.LAYERS,
    *sequences.LAYERS,
    *losses.LAYERS,
)
SCALES = (1e-6, 1e-3, 1.0, 1e3, 1e6)

_STEP = {True: 2.0**-14, False: 2.0**-20}
_DRAWS = 5


def layer(name: str) -> Layer:
    """Return the layer of that name."""
    return next(one for one in POPULATION if one.name == name)


def pairs(*, smooth_only: bool = False) -> list[tuple[Layer, str]]:
    """Return every (layer, array) with a gradient."""
    drawn = [(one, one.draw(np.random.default_rng(0), 1.0, np.float64)) for one in POPULATION]
    return [
        (one, name)
        for one, arrays in drawn
        for name in differentiated(arrays)
        if one.smooth or not smooth_only
    ]


def widened(arrays: Arrays) -> Arrays:
    """Return the same values in longdouble."""
    return {
        name: value.astype(np.longdouble) if value.dtype.kind == "f" else value
        for name, value in arrays.items()
    }


def cotangent(y: Array, rng: np.random.Generator) -> Array:
    """Draw random signs with magnitudes in [1/2, 1], like the output."""
    y = np.asarray(y)
    return np.asarray(rng.choice([-1.0, 1.0], y.shape) * rng.uniform(0.5, 1.0, y.shape)).astype(
        y.dtype
    )


def difference(one: Layer, arrays: Arrays, name: str, u: Array) -> Array:
    """Return the gradient of <u, y> by central differences of order four, in longdouble."""
    flat = arrays[name].ravel()
    border = one.border(arrays, name)
    room = np.ones_like(flat) if border is None else np.abs(border.ravel())
    if name in one.positive:
        room = flat
    found = np.empty_like(flat)
    for i in range(flat.size):
        step = _STEP[one.smooth] * min(1.0, float(room[i]))
        values = {}
        for offset in (1, -1, 2, -2):
            moved = flat.copy()
            moved[i] += offset * step
            values[offset] = one.forward(arrays | {name: moved.reshape(arrays[name].shape)})
        rise = 8 * (values[1] - values[-1]) - (values[2] - values[-2])
        found[i] = (u * rise).sum() / (12 * step)
    return found.reshape(arrays[name].shape)


def worst_error(one: Layer, seed: int) -> float:
    """Return the largest error of any gradient, relative to the largest element of its array."""
    worst = 0.0
    for draw in range(_DRAWS):
        rng = np.random.default_rng([seed, draw])
        arrays = widened(one.draw(rng, 1.0, np.float64))
        u = cotangent(one.forward(arrays), rng)
        gradients = one.backward(arrays, u)
        for name in differentiated(arrays):
            claim = gradients[name]
            if claim.dtype != np.longdouble or claim.shape != arrays[name].shape:
                raise TypeError(f"{one.name}: gradient of {name} is {claim.dtype} {claim.shape}")
            error = np.abs(claim - difference(one, arrays, name, u)).max()
            worst = max(worst, float(error / max(np.abs(claim).max(), 1e-3)))
    return worst


def main() -> int:
    """Print the table; exit code 1 if a backward is wrong."""
    wrong = 0
    print("| layer | arrays | smooth | worst error |\n| --- | --- | --- | --- |")
    for one in POPULATION:
        error = worst_error(one, 1)
        names = ", ".join(differentiated(one.draw(np.random.default_rng(0), 1.0, np.float64)))
        print(f"| {one.name} | {names} | {'yes' if one.smooth else 'no'} | {error:.1e} |")
        wrong += error > 1e-8
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
