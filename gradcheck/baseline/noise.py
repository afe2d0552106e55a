"""How far rounding moves each result of a layer, measured at the very case.

Every number that goes in is moved by one or two units in its last place, and the layer is asked
again, some times: how far a result goes is both its conditioning and the rounding of the layer's
own arithmetic, whatever that is. Equal numbers are moved equally, and zero not at all: a tie stays
a tie and a zero a zero, so what a layer does there (the slope of a rectifier at zero, the choice of
a maximum) keeps its exact value and a change of it is seen.

Hidden float32 does not answer to the last places of float64. It shows as a second difference that
does not fade with the step: where a step eight times smaller leaves more than an eighth of it (a
smooth layer leaves a 64th), the arithmetic is coarser, and that roughness counts as rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradcheck.numerics.rounding import unit_roundoff
from gradcheck.signature import Signature
from gradcheck.subject import Array, Arrays, Backward, Evaluation, Forward, Subject, merged

SAFETY = 64.0
"""Times the measured noise. Refactorings that reorder sums used at most 9 of them in 30,000 arrays
(benchmarks/baseline_rounding.py)."""
_SAMPLES = 8
_STEPS = (2.0**-22, 2.0**-25)  # relative: some places of float32, and an eighth of that
_STAYS = 1 / 8
_COARSE = 2.0**-34  # of the largest element: what a second difference of a smooth layer stays below
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
    *,
    coarse: bool = True,
) -> Results:
    """Return for each result how far rounding moves its elements.

    ``coarse`` looks for arithmetic of fewer digits than the inputs have, too.
    """
    exact = {one.name for one in form.arrays if one.domain in _EXACT}

    def at(move: Callable[[Array], Array]) -> Results:
        moved = {n: one if n in exact else move(one) for n, one in primals.items()}
        upstream = {name: move(one) for name, one in cotangents.items()}
        return results_of(called(subject, moved, upstream, options))

    noise = {key: _own(one) for key, one in base.items()}
    for sample in range(_SAMPLES):
        for key, other in at(lambda array, n=sample: moved_by_places(array, n)).items():
            if key in noise and other.shape == base[key].shape:
                noise[key] = np.maximum(noise[key], distance(other, base[key]))
    if coarse:
        wide, near = (_bends(at, base, step) for step in _STEPS)
        for key, one in base.items():
            if key in wide and key in near:
                rough = _hidden(wide[key], near[key], one)
                noise[key] = np.maximum(noise[key], rough)
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


def _own(value: Array) -> Array:
    """Return the rounding of a result itself: one place, as two sines may differ by."""
    if value.dtype.kind != "f":
        return np.zeros(value.shape)
    size = np.abs(value.astype(np.float64))
    with np.errstate(all="ignore"):
        return np.where(np.isfinite(size), 2 * unit_roundoff(value.dtype) * size, 0.0)


def _bends(at: Callable[[Callable[[Array], Array]], Results], base: Results, step: float) -> Results:
    """Return the second differences along one direction."""

    def along(sign: float) -> Callable[[Array], Array]:
        def move(array: Array) -> Array:
            if array.dtype.kind != "f":
                return array
            share = (_hashed(array, 99) % np.uint64(1024)).astype(np.float64) / 1024 + 1
            with np.errstate(all="ignore"):
                return np.asarray(array * (1 + sign * step * share), dtype=array.dtype)

        return move

    more, less = at(along(1.0)), at(along(-1.0))
    found: Results = {}
    for key, one in base.items():
        if key in more and key in less and more[key].shape == one.shape == less[key].shape:
            with np.errstate(all="ignore"):
                bend = (more[key].astype(float) - one) - (one - less[key].astype(float))
            found[key] = np.where(np.isfinite(bend), np.abs(bend), 0.0)
    return found


def _hidden(wide: Array, near: Array, value: Array) -> Array:
    """Return the roughness that does not fade with the step: rounding of coarser arithmetic."""
    size = np.abs(value[np.isfinite(value)]).max(initial=0.0)
    largest = float(wide.max(initial=0.0)), float(near.max(initial=0.0))
    if largest[1] <= _COARSE * float(size) or largest[1] <= _STAYS * largest[0]:
        return np.zeros(value.shape)
    return np.maximum(wide, near)


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
