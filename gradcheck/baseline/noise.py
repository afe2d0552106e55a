"""How far rounding moves each result of a layer, measured at the very case.

Three things are taken together, the largest counts:

- Every number that goes in is moved by one or two units in its last place, and the layer is asked
  again, some times: how far a result goes is its conditioning. Equal numbers are moved equally, and
  zero not at all: a tie stays a tie and a zero a zero, so what a layer does there (the slope of a
  rectifier at zero, the choice of a maximum) keeps its exact value, and a change of it is seen.
- The roughness: a second difference at one step less a 64th of that at a step eight times larger.
  What is smooth cancels; what is left is the rounding of the layer's own arithmetic, also where it
  computes in float32 and does not answer to the last places of float64.
- The rounding of a number as large as those that go in or come out. A layer may compute with such a
  number on the way, and its rounding stays in a result that is far smaller; behind an exponential
  it is the relative rounding of the result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from gradcheck.numerics.rounding import root_sum_squares, unit_roundoff
from gradcheck.signature import Signature
from gradcheck.subject import Array, Arrays, Backward, Evaluation, Forward, Subject, merged

SAFETY = 32.0
"""Times the measured noise. The refactorings of benchmarks/baseline_rounding.py move 17,760 arrays
(13 layers, 8 seeds of 60 cases) by at most 1.0 of it, but for float32 (3.7) and a variance that
became E[x^2] - E[x]^2 (4.9)."""
_SAMPLES = 4
_DIRECTIONS = 4  # of float32 one alone shows nothing in a third of all elements
ANY_ARITHMETIC = (2.0**-17, 2.0**-20)  # relative steps: both move a float32 by several places
DOUBLE_ARITHMETIC = (2.0**-40, 2.0**-43)  # both move no float32, but for one in 2^16
_FADES = 64.0  # by how much a smooth second difference falls between the two
_EXACT = ("labels", "mask", "one-hot")  # domains whose numbers are names

Results = dict[tuple[str, str], Array]
"""Role (``output``, ``gradient``) and name of each result -> its values."""


def called(
    subject: Subject, primals: Arrays, cotangents: Arrays, options: Mapping[str, Any]
) -> Evaluation:
    """Return outputs and gradients at given inputs; without upstream gradients, outputs only."""
    steps = (Forward(primals), Backward(cotangents)) if cotangents else (Forward(primals),)
    return merged(subject.run(steps, options))


def results_of(evaluation: Evaluation) -> Results:
    """Return all that an evaluation gave."""
    outputs = {("output", name): one for name, one in evaluation.outputs.items()}
    return outputs | {("gradient", name): one for name, one in evaluation.gradients.items()}


def measured_noise(
    subject: Subject,
    form: Signature,
    primals: Arrays,
    cotangents: Arrays,
    options: Mapping[str, Any],
    base: Results,
    steps: tuple[float, float] = ANY_ARITHMETIC,
) -> Results:
    """Return for each result how far rounding moves its elements.

    With the steps of ``DOUBLE_ARITHMETIC`` computing in fewer digits is no excuse.
    """
    exact = {one.name for one in form.arrays if one.domain in _EXACT}

    def at(move: Callable[[Array], Array]) -> Results:
        moved = {n: one if n in exact else move(one) for n, one in primals.items()}
        upstream = {name: move(one) for name, one in cotangents.items()}
        return results_of(called(subject, moved, upstream, options))

    inner = _largest(primals)
    sizes = {"output": inner, "gradient": _largest(cotangents)}
    noise = {key: _own(one, sizes[key[0]], inner) for key, one in base.items()}
    found = [_apart(at(partial(moved_by_places, sample=n)), base) for n in range(_SAMPLES)]
    found += [_roughness(at, base, direction, steps) for direction in range(_DIRECTIONS)]
    for one in found:
        for key, moved in one.items():
            noise[key] = np.maximum(noise[key], moved)
    return noise


def moved_by_places(array: Array, sample: int) -> Array:
    """Return floats moved by up to two places, equal numbers (but for the sign) equally."""
    if array.dtype.kind != "f":
        return array
    places = _hashed(array, sample).astype(np.int64) % 4  # -2, -1, 1, 2
    steps = np.array([-2, -1, 1, 2])[places] * 2 * unit_roundoff(array.dtype)
    with np.errstate(all="ignore"):
        return np.asarray(array * (1 + steps).astype(array.dtype), dtype=array.dtype)


def distance(value: Array, wanted: Array) -> Array:
    """Return |value - wanted|; zero where both are the same infinity or no number."""
    value, wanted = value.astype(np.float64), wanted.astype(np.float64)
    with np.errstate(all="ignore"):
        apart = np.abs(value - wanted)
        same = (value == wanted) | (np.isnan(value) & np.isnan(wanted))
    return np.where(same, 0.0, np.where(np.isnan(apart), np.inf, apart))


def _largest(arrays: Arrays) -> float:
    """Return the largest finite magnitude among floats."""
    floats = [one[np.isfinite(one)] for one in arrays.values() if one.dtype.kind == "f"]
    return max((float(np.abs(one).max(initial=0.0)) for one in floats), default=0.0)


def _own(value: Array, size: float, inner: float) -> Array:
    """Return the rounding of numbers as large as what goes in, as it may reach a result."""
    if value.dtype.kind != "f":
        return np.zeros(value.shape)
    largest = max(size, _largest({"": value}))
    with np.errstate(all="ignore"):
        behind = np.nan_to_num(np.abs(value.astype(np.float64)) * inner, posinf=0.0)
    return np.asarray(2 * unit_roundoff(value.dtype) * np.maximum(behind, largest))


def _apart(other: Results, base: Results) -> Results:
    """Return how far each result went."""
    return {
        key: distance(other[key], one)
        for key, one in base.items()
        if key in other and other[key].shape == one.shape
    }


def _roughness(
    at: Callable[[Callable[[Array], Array]], Results],
    base: Results,
    direction: int,
    steps: tuple[float, float],
) -> Results:
    """Return what of a second difference does not fade with the step.

    An element takes at least what is usual in its array: by chance its own may be zero.
    """
    wide, near = (_bends(at, base, direction, step) for step in steps)
    found: Results = {}
    for key in wide.keys() & near.keys():
        rough = np.maximum(near[key] - wide[key] / _FADES, 0.0)
        usual = root_sum_squares(rough) / max(rough.size, 1) ** 0.5
        found[key] = np.maximum(rough, usual)
    return found


def _bends(
    at: Callable[[Callable[[Array], Array]], Results], base: Results, direction: int, step: float
) -> Results:
    """Return the second differences along one direction."""

    def move(array: Array, sign: float) -> Array:
        if array.dtype.kind != "f":
            return array
        share = 1 + (_hashed(array, 99 + direction) % np.uint64(1024)).astype(np.float64) / 1024
        with np.errstate(all="ignore"):
            return np.asarray(array * (1 + sign * step * share), dtype=array.dtype)

    more, less = (at(partial(move, sign=sign)) for sign in (1.0, -1.0))
    found: Results = {}
    for key, one in base.items():
        if key in more and key in less and more[key].shape == one.shape == less[key].shape:
            with np.errstate(all="ignore"):
                bend = (more[key].astype(float) - one) - (one - less[key].astype(float))
            found[key] = np.where(np.isfinite(bend), np.abs(bend), 0.0)
    return found


def _hashed(array: Array, sample: int) -> Array:
    """Return a number for the magnitude of each element: equal ones get the same."""
    bits = np.abs(np.asarray(array, dtype=np.float64)).view(np.uint64)
    with np.errstate(over="ignore"):
        mixed = (bits ^ np.uint64(0x9E3779B97F4A7C15 * (sample + 1) % 2**64)) * np.uint64(
            0xBF58476D1CE4E5B9
        )
        mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(0x94D049BB133111EB)
    return mixed >> np.uint64(32)
